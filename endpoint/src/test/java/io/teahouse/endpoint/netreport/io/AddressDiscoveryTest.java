package io.teahouse.endpoint.netreport.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.endpoint.netreport.DiscoveryEvent;
import io.teahouse.endpoint.netreport.DiscoveryFailure;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import io.teahouse.quic.io.UdpTransport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.TrustAnchor;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Address discovery on a real socket, and nobody who answers; who does is met in the module {@code interop}. */
class AddressDiscoveryTest {
    private static final long DEADLINE_SECONDS = 60;

    private final BlockingQueue<DiscoveryEvent> events = new LinkedBlockingQueue<>();

    @Test
    void silenceIsTold() throws Exception {
        try (var silent = new DatagramSocket(onLoopback(0));
                var discovery = start()) {
            var target = target(silent);

            assertThat(discovery.ask(target).get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();

            assertThat(events.poll(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(new DiscoveryEvent.Failed(target, new DiscoveryFailure.Silence()));
            assertThat(discovery.roundTrip(target).get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .isEmpty();
        }
    }

    @Test
    void theFirstDatagramIsAFullInitialPacket() throws Exception {
        try (var relay = new DatagramSocket(onLoopback(0));
                var discovery = start()) {
            relay.setSoTimeout((int) TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));

            discovery.ask(target(relay));

            var packet = new DatagramPacket(new byte[2048], 2048);
            relay.receive(packet);
            assertThat(packet.getLength()).isEqualTo(1200);
            assertThat(packet.getData()[0] & 0xf0).as("long header, Initial").isEqualTo(0xc0);
        }
    }

    @Test
    void afterTheEndNobodyIsAsked() throws Exception {
        var discovery = start();
        discovery.close();

        try (var silent = new DatagramSocket(onLoopback(0))) {
            assertThat(discovery.ask(target(silent)).get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .isFalse();
            assertThat(discovery.roundTrip(target(silent)).get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .isEmpty();
        }
        discovery.close(); // again
    }

    private AddressDiscovery start() throws IOException, GeneralSecurityException {
        var nobody = new TrustAnchor(
                "CN=nobody",
                KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic(),
                null);
        return AddressDiscovery.start(
                UdpTransport.open(UdpTransport.Options.at(onLoopback(0))), Set.of(nobody), events::add);
    }

    private static DiscoveryTarget target(DatagramSocket socket) {
        return new DiscoveryTarget("relay.test", onLoopback(socket.getLocalPort()));
    }

    private static InetSocketAddress onLoopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }
}
