package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.ConnectionEvent;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our QUIC meets that of others, in both roles. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class QuicPeersTest {
    private static final LossyNetwork.Faults BAD = new LossyNetwork.Faults(0.03, 0.02, 5);

    @TempDir
    private static Path folder;

    private static TestCertificateAuthority authority;
    private static Path authorityFile;
    private static TestCertificateAuthority.ServerFiles files;

    @BeforeAll
    static void issue() throws IOException {
        authority = TestCertificateAuthority.create();
        authorityFile = authority.writeCertificate(folder.resolve("ca.pem"));
        files = authority.issue(folder, "localhost", "127.0.0.1");
    }

    private static ForeignQuic.Server server(ForeignQuic peer, String... options) throws InterruptedException {
        return peer.server(files.chain(), files.privateKey(), options);
    }

    private static QuicClientSide client(InetSocketAddress remote) throws IOException {
        return new QuicClientSide(authority.certificate(), remote, Optional.empty());
    }

    // We are the client.

    /** As much as a server can be asked for: kwik's forgets to send on now and then, when it has sent more than a little. */
    private static long most(ForeignQuic peer, long length) {
        return peer == ForeignQuic.KWIK ? Math.min(length, 10_000) : length;
    }

    @ParameterizedTest
    @EnumSource
    void ourClientMovesDataBothWays(ForeignQuic peer) throws Exception {
        try (var server = server(peer);
                var client = client(server.address())) {
            client.awaitConnected();
            client.transfer(QuicTransferOut.Kind.GET, most(peer, 10_000_000));
            client.transfer(QuicTransferOut.Kind.SEND, 10_000_000);
            client.transfer(QuicTransferOut.Kind.ECHO, most(peer, 1_000_000));
            client.datagrams(20);
            client.leave();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourClientProvesItsAddress(ForeignQuic peer) throws Exception {
        try (var server = server(peer, "--retry");
                var client = client(server.address())) {
            client.awaitConnected();
            client.transfer(QuicTransferOut.Kind.ECHO, most(peer, 100_000));
            client.leave();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourClientComesBackWithEarlyData(ForeignQuic peer) throws Exception {
        try (var server = server(peer);
                var first = client(server.address())) {
            assertThat(first.awaitConnected().resumed()).isFalse();
            var ticket = first.awaitTicket();
            first.leave();
            try (var second = new QuicClientSide(authority.certificate(), server.address(), Optional.of(ticket))) {
                second.transfer(QuicTransferOut.Kind.ECHO, most(peer, 100_000));
                var summary = second.awaitConnected();
                second.leave();

                assertThat(summary.resumed()).isTrue();
                assertThat(summary.earlyDataAccepted()).isEqualTo(ticket.terms().allowsEarlyData());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourClientTakesNewKeys(ForeignQuic peer) throws Exception {
        try (var server = server(peer, "--update");
                var client = client(server.address())) {
            client.await(
                    "confirmation",
                    () -> client.find(ConnectionEvent.Confirmed.class).isPresent());
            for (int round = 0; round < 2; round++) {
                client.transfer(QuicTransferOut.Kind.GET, most(peer, 300_000));
                client.await("new keys", () -> client.connection().updateKeys(client.nowNanos()));
                client.transfer(QuicTransferOut.Kind.SEND, 300_000);
            }
            client.leave();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourClientBearsABadNetwork(ForeignQuic peer) throws Exception {
        try (var server = server(peer);
                var network = new LossyNetwork(1, BAD, server.address());
                var client = client(network.address())) {
            client.awaitConnected();
            client.transfer(QuicTransferOut.Kind.GET, most(peer, 2_000_000));
            client.transfer(QuicTransferOut.Kind.SEND, 2_000_000);
            client.leave();
        }
    }

    // We are the server.

    /** Serves until the client has ended, well. */
    private static void serve(QuicServerSide server, Program client) throws Exception {
        while (!client.hasEnded()) {
            server.step();
        }
        if (client.awaitExit() != 0) {
            throw client.failure("failed; events here: " + server.events);
        }
    }

    private static Program client(ForeignQuic peer, int port, String... options) {
        return peer.client(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), authorityFile, options);
    }

    private static QuicServerSide ourServer(boolean retries, boolean updatesKeys) throws Exception {
        return new QuicServerSide(new PemPair(files.chain(), files.privateKey()), retries, updatesKeys);
    }

    @ParameterizedTest
    @EnumSource
    void ourServerMovesDataBothWays(ForeignQuic peer) throws Exception {
        String[] options = {"--get", "10000000", "--send", "10000000", "--echo", "1000000", "--datagrams", "20"};
        try (var server = ourServer(false, false);
                var client = client(peer, server.port(), options)) {
            serve(server, client);

            assertThat(client.lines()).contains("datagrams 20 of 20");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourServerHasAddressesProven(ForeignQuic peer) throws Exception {
        try (var server = ourServer(true, false);
                var client = client(peer, server.port(), "--echo", "100000")) {
            serve(server, client);

            assertThat(server.answers).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourServerIsComeBackTo(ForeignQuic peer) throws Exception {
        try (var server = ourServer(false, false);
                var client = client(peer, server.port(), "--get", "100000", "--connections", "3", "--early")) {
            serve(server, client);

            var summaries = server.events.stream()
                    .filter(ConnectionEvent.Connected.class::isInstance)
                    .map(event -> ((ConnectionEvent.Connected) event).summary())
                    .toList();
            assertThat(summaries).hasSize(3);
            assertThat(summaries.get(1).resumed()).isTrue();
            assertThat(summaries.get(1).earlyDataAccepted()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourServerTakesNewKeys(ForeignQuic peer) throws Exception {
        try (var server = ourServer(false, true);
                var client = client(peer, server.port(), "--get", "1000000", "--send", "1000000", "--update")) {
            serve(server, client);

            assertThat(server.keyUpdates).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourServerBearsABadNetwork(ForeignQuic peer) throws Exception {
        try (var server = ourServer(false, false);
                var network = new LossyNetwork(
                        2, BAD, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
                var client = client(peer, network.address().getPort(), "--get", "2000000", "--send", "2000000")) {
            serve(server, client);
        }
    }
}
