package io.teahouse.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.teahouse.cli.Main;
import io.teahouse.endpoint.netreport.DiscoveryEvent;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import io.teahouse.endpoint.netreport.io.AddressDiscovery;
import io.teahouse.quic.io.UdpTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.TrustAnchor;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our client of address discovery asks our relay, or the reference's, at which address it sees us. */
class AddressReportTest {
    private static final int LONG_HEADER = 0x80;

    @RegisterExtension
    static final RelayUnderTest relay = RelayUnderTest.https();

    @Test
    void aRelaySeesTheAddressOfTheSocket() throws Exception {
        try (var asking = new Asking("0.0.0.0")) {
            asking.ask("127.0.0.1", relay.quicPort());

            assertThat(asking.awaitAddress()).isEqualTo(onLoopback(asking.port()));
        }
    }

    @Test
    void overIpv4ItIsAnIpv4AddressThoughTheSocketIsForBothFamilies() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "this machine has no IPv6");
        try (var asking = new Asking("::")) {
            asking.ask("localhost", relay.quicPort());

            assertThat(asking.awaitAddress()).isEqualTo(onLoopback(asking.port()));
        }
    }

    @Test
    void overIpv6ItIsAnIpv6Address() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "this machine has no IPv6");
        var loopback = InetAddress.ofLiteral("::1");
        try (var asking = new Asking("::")) {
            asking.ask("::1", new InetSocketAddress(loopback, relay.quicPort()));

            assertThat(asking.awaitAddress()).isEqualTo(new InetSocketAddress(loopback, asking.port()));
        }
    }

    @Test
    void whenANatGivesAnotherPortThatIsTold() throws Exception {
        var address = onLoopback(relay.quicPort());
        // With its first packet of this kind the client's part of the handshake is over, and addresses may change.
        Predicate<ByteBuffer> shortHeader = datagram -> (datagram.get() & LONG_HEADER) == 0;
        try (var nat = new RebindingNat(address, shortHeader);
                var asking = new Asking("0.0.0.0")) {
            asking.ask("127.0.0.1", nat.address().getPort());

            assertThat(asking.awaitAddress()).isEqualTo(nat.outsideAddresses().getFirst());
            assertThat(asking.awaitAddress()).isEqualTo(nat.outsideAddresses().getLast());
            assertThat(nat.outsideAddresses()).hasSize(2);
        }
    }

    @Test
    void theReportSaysSo() throws Exception {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();

        int status = Main.run(
                Map.of(),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                "report",
                "--json",
                "--relay",
                "https://127.0.0.1:%d".formatted(relay.url().getPort()),
                "--quic-port",
                Integer.toString(relay.quicPort()),
                "--trust-ca",
                relay.trustedCertificate().orElseThrow().toString());

        assertThat(err.toString(UTF_8)).isEmpty();
        assertThat(status).isZero();
        var report = JsonParser.parseString(out.toString(UTF_8)).getAsJsonObject();
        var ipv4 = report.getAsJsonArray("relays").get(0).getAsJsonObject();
        assertThat(ipv4.get("state").getAsString()).isEqualTo("seen");
        assertThat(ipv4.get("address").getAsString()).startsWith("127.0.0.1:");
        assertThat(ipv4.get("round_trip_ms").getAsDouble()).isPositive();
        assertThat(report.getAsJsonObject("nat").get("ipv4").getAsString()).isEqualTo("none");
    }

    private static InetSocketAddress onLoopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    /** A socket from which relays are asked, and what comes of it. */
    private static final class Asking implements AutoCloseable {
        private final BlockingQueue<DiscoveryEvent> events = new LinkedBlockingQueue<>();
        private final UdpTransport socket;
        private final AddressDiscovery discovery;

        Asking(String bindTo) throws IOException {
            socket =
                    UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral(bindTo), 0)));
            discovery = AddressDiscovery.start(
                    socket, Set.of(new TrustAnchor(relay.authority().certificate(), null)), events::add);
        }

        int port() {
            return socket.localAddress().getPort();
        }

        void ask(String serverName, int port) {
            ask(serverName, onLoopback(port));
        }

        void ask(String serverName, InetSocketAddress address) {
            discovery.ask(new DiscoveryTarget(serverName, address));
        }

        InetSocketAddress awaitAddress() throws InterruptedException {
            var event = events.poll(Program.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            assertThat(event).isInstanceOf(DiscoveryEvent.AddressSeen.class);
            return event instanceof DiscoveryEvent.AddressSeen seen ? seen.address() : new InetSocketAddress(0);
        }

        @Override
        public void close() {
            discovery.close();
        }
    }
}
