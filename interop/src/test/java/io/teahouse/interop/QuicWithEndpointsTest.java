package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.MultipathConfig;
import io.teahouse.quic.PathInfo;
import io.teahouse.quic.io.ConnectionClosedException;
import io.teahouse.quic.io.Dial;
import io.teahouse.quic.io.QuicConnection;
import io.teahouse.quic.io.QuicDriver;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our QUIC with real endpoints, without a relay between them. */
@Timeout(240)
class QuicWithEndpointsTest {
    private static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("teahouse/interop/1"));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SecretKey key = key(7);
    private QuicDriver driver = unset();
    private String address = "";
    /** The first path beside the one that a connection begins with. */
    private final CompletableFuture<Long> nextPath = new CompletableFuture<>();

    @SuppressWarnings("NullAway")
    private static QuicDriver unset() {
        return null;
    }

    private static SecretKey key(int seed) {
        var bytes = new byte[SecretKey.LENGTH];
        bytes[0] = (byte) seed;
        return SecretKey.fromBytes(bytes);
    }

    @BeforeEach
    void start() throws IOException {
        driver = open(256, false);
    }

    private QuicDriver open(int retryFrom, boolean several) throws IOException {
        var socket = UdpTransport.open(
                UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)));
        address = "127.0.0.1:" + socket.localAddress().getPort();
        return open(socket, retryFrom, several);
    }

    private QuicDriver open(UdpTransport socket, int retryFrom, boolean several) {
        var tls = ServerConfig.builder(Credential.of(key), PROTOCOLS)
                .verifier(PeerVerifier.anyEndpoint())
                .tickets(new TicketKeys(Duration.ofHours(1)), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        return QuicDriver.on(socket)
                .server(tls)
                .limits(100, retryFrom)
                .connections(zero -> {
                    var config = ConnectionConfig.defaults(zero);
                    return several ? config.withMultipath(MultipathConfig.DEFAULT) : config;
                })
                .onEvent((_, event) -> {
                    if (event instanceof ConnectionEvent.PathValidated(long id) && id > 0) {
                        nextPath.complete(id);
                    }
                })
                .start();
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private PeerProcess dialled(Peer peer, String... options) {
        return PeerProcess.connectAlone(peer, key.endpointId().toString(), address, options);
    }

    private QuicConnection accept() throws IOException, InterruptedException {
        return driver.accept(PATIENCE).orElseThrow(() -> new AssertionError("nobody came"));
    }

    private static FutureTask<Boolean> serve(QuicConnection connection) {
        var serving = new FutureTask<>(() -> {
            TestProtocol.serve(connection);
            return true;
        });
        Thread.ofVirtual().start(serving);
        return serving;
    }

    private Dial dial(PeerProcess listener) throws InterruptedException, FormatException {
        var tls = ClientConfig.builder(PeerVerifier.endpoint(EndpointId.parse(listener.id())), PROTOCOLS)
                .credential(Credential.of(key))
                .build();
        String socket = listener.await("bound").fields().getAsJsonArray("sockets").asList().stream()
                .map(one -> one.getAsString())
                .filter(one -> one.startsWith("127.0.0.1:"))
                .findFirst()
                .orElseThrow();
        int port = Integer.parseInt(socket.substring(socket.indexOf(':') + 1));
        return Dial.to(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), tls);
    }

    @ParameterizedTest
    @EnumSource
    void endpointsThatDialUsAreServed(Peer peer) throws Exception {
        for (String mode : List.of("echo", "sink", "gen")) {
            try (var dialler =
                    dialled(peer, "--mode", mode, "--bytes", "3000000", "--datagrams", "100", "--close-code", "77")) {
                var connection = accept();
                serve(connection);
                dialler.awaitSuccess();

                assertThat(connection.summary().orElseThrow().peer())
                        .isEqualTo(new PeerIdentity.Endpoint(EndpointId.parse(dialler.id())));
                assertThat(dialler.await("datagrams").number("echoed")).isEqualTo(100);
                assertThat(connection.awaitClosed()).isEqualTo(new CloseCause.PeerApplication(77, "bye"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void endpointsThatWeDialServeUs(Peer peer) throws Exception {
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "1")) {
            var connection = driver.dial(dial(listener));
            TestProtocol.echo(connection, 3_000_000);
            TestProtocol.sink(connection, 3_000_000);
            TestProtocol.generate(connection, 3_000_000);
            assertThat(TestProtocol.datagrams(connection, 1000, 200)).isGreaterThan(990);
            connection.close(33, "that was all");

            listener.awaitSuccess();
            assertThat(listener.await("closed").text("reason")).contains("33").contains("that was all");
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyBytesComeAndGoAsTheyWere(Peer peer) throws Exception {
        // The packages are slow by themselves: they take and give bytes as objects of their languages.
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "1", "--timeout", "0")) {
            var connection = driver.dial(dial(listener));
            TestProtocol.sink(connection, peer == Peer.PYTHON ? 100_000_000 : 10_000_000);
            TestProtocol.generate(connection, peer == Peer.PYTHON ? 20_000_000 : 5_000_000);
            connection.close();
            listener.awaitSuccess();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamOfAnUnknownKindIsGivenUpByThePeer(Peer peer) throws Exception {
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "1")) {
            var connection = driver.dial(dial(listener));
            var stream = connection.openBidirectional();
            stream.output().write('?');
            stream.output().finish();

            assertThatThrownBy(() -> stream.input().read()).hasMessageContaining("given up by the peer with code 1");
            connection.close();
            listener.awaitSuccess();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndpointProvesItsAddressIfItIsAskedTo(Peer peer) throws Exception {
        driver.close();
        driver = open(0, false);
        try (var dialler = dialled(peer, "--bytes", "1000")) {
            serve(accept());
            dialler.awaitSuccess();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecondConnectionIsResumedAndItsFirstDataGoesAtOnce(Peer peer) throws Exception {
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "2")) {
            var dial = dial(listener).withTickets(listener.id());
            var first = driver.dial(dial);
            TestProtocol.echo(first, 1000);
            first.close();

            var second = driver.dialEarly(dial);
            TestProtocol.echo(second, 1000);

            var summary = second.awaitConnected(PATIENCE);
            assertThat(summary.resumed()).isTrue();
            assertThat(summary.earlyDataAccepted()).isNotEqualTo(second.isEarlyDataRejected());
            second.close();
            listener.awaitSuccess();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keysAreRenewedUnderway(Peer peer) throws Exception {
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "1")) {
            var connection = driver.dial(dial(listener));
            TestProtocol.echo(connection, 10_000);
            for (int round = 0; round < 3; round++) {
                connection.renewKeys();
                TestProtocol.echo(connection, 200_000);
            }
            connection.close();
            listener.awaitSuccess();
        }
    }

    @ParameterizedTest
    @EnumSource
    void severalPathsAreAgreedOnWhoeverDials(Peer peer) throws Exception {
        driver.close();
        driver = open(256, true);
        try (var dialler = dialled(peer, "--bytes", "3000000", "--datagrams", "100")) {
            var connection = accept();
            serve(connection);
            dialler.await("round");
            requireSeveral(connection);
            dialler.awaitSuccess();
            assertThat(dialler.await("datagrams").number("echoed")).isEqualTo(100);
        }
        try (var listener = PeerProcess.listenAlone(peer, "--conns", "1")) {
            var connection = driver.dial(dial(listener));
            TestProtocol.echo(connection, 3_000_000);
            requireSeveral(connection);
            assertThat(TestProtocol.datagrams(connection, 1000, 200)).isGreaterThan(990);
            TestProtocol.generate(connection, 3_000_000);
            connection.close(33, "that was all");

            listener.awaitSuccess();
            assertThat(listener.await("closed").text("reason")).contains("33");
        }
    }

    /** The newer library keeps one of two paths that are as good, and sometimes does not open the other one at all. */
    @ParameterizedTest
    @EnumSource(names = "NPM")
    void aPeerThatKnowsTwoOfOurAddressesOpensAnotherPath(Peer peer) throws Exception {
        driver.close();
        var socket =
                UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0)));
        driver = open(socket, 256, true);
        int port = socket.localAddress().getPort();
        // Whoever dials opens it, not each time; and may give one of the two up again once it knows which is better.
        for (int attempt = 0; attempt < 6 && !nextPath.isDone(); attempt++) {
            try (var dialler = PeerProcess.connectAlone(
                    peer,
                    key.endpointId().toString(),
                    "127.0.0.1:" + port,
                    "--peer-addr",
                    "127.0.0.2:" + port,
                    "--bytes",
                    "1000000",
                    "--rounds",
                    "2",
                    "--hold",
                    "2")) {
                serve(accept());
                dialler.awaitSuccess();
                assertThat(dialler.events("round")).hasSize(2);
            }
        }
        assertThat(nextPath).isCompleted();
    }

    private static void requireSeveral(QuicConnection connection) throws IOException, InterruptedException {
        var peer = connection.inspect(Connection::peerParameters).orElseThrow();
        assertThat(peer.initialMaxPathId()).isPresent();
        assertThat(connection.inspect(Connection::paths))
                .extracting(PathInfo::id)
                .contains(0L);
    }

    @ParameterizedTest
    @EnumSource
    void whoDiesIsMissed(Peer peer) throws Exception {
        try (var listener = PeerProcess.listenAlone(peer)) {
            var connection = driver.dial(dial(listener));
            TestProtocol.echo(connection, 1000);
            listener.leave();

            assertThatThrownBy(() -> connection.acceptBidirectional())
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("by the peer");
        }
    }
}
