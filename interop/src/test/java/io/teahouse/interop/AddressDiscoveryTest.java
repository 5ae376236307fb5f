package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real endpoints ask the relay over QUIC at which address it sees them. */
class AddressDiscoveryTest {
    @RegisterExtension
    static final RelayUnderTest relay = RelayUnderTest.https();

    /** No endpoint counts the loopback address among its own before somebody has told it. */
    @ParameterizedTest
    @EnumSource(Peer.class)
    void anEndpointLearnsTheAddressAtWhichItIsSeen(Peer peer) throws Exception {
        try (var endpoint = start(peer, relay.url())) {
            int port = socketPort(endpoint, "0.0.0.0:");

            awaitAddress(endpoint, "127.0.0.1:" + port);

            endpoint.leave();
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void itLearnsThatOfEachFamily(Peer peer) throws Exception {
        var url = URI.create("https://localhost:%d/".formatted(relay.url().getPort()));
        try (var endpoint = start(peer, url)) {
            int port4 = socketPort(endpoint, "0.0.0.0:");
            int port6 = socketPort(endpoint, "[::]:");

            awaitAddress(endpoint, "127.0.0.1:" + port4);
            awaitAddress(endpoint, "[::1]:" + port6);

            endpoint.leave();
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void withoutAddressDiscoveryItDoesNot(Peer peer) throws Exception {
        try (var endpoint =
                PeerProcess.listen(peer, relay.url(), relay.trustedCertificate().orElseThrow())) {
            endpoint.awaitOnline();

            assertThat(endpoint.await("addr").fields().get("direct").toString()).doesNotContain("127.0.0.1");
        }
    }

    private static PeerProcess start(Peer peer, URI url) throws InterruptedException {
        return PeerProcess.listen(
                        peer,
                        url,
                        relay.trustedCertificate().orElseThrow(),
                        "--quic-port",
                        String.valueOf(relay.quicPort()))
                .awaitOnline();
    }

    private static int socketPort(PeerProcess endpoint, String address) throws InterruptedException {
        for (var socket : endpoint.await("bound").fields().get("sockets").getAsJsonArray()) {
            if (socket.getAsString().startsWith(address)) {
                return Integer.parseInt(socket.getAsString().substring(address.length()));
            }
        }
        throw new AssertionError("no socket at " + address);
    }

    private static void awaitAddress(PeerProcess endpoint, String address) throws InterruptedException {
        endpoint.awaitAny(event -> event.fields().has("direct")
                && event.fields().get("direct").toString().contains("\"" + address + "\""));
    }
}
