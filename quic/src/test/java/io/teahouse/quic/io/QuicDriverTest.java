package io.teahouse.quic.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two drivers that speak with each other over real sockets. */
@Timeout(60)
class QuicDriverTest {
    private final Drivers drivers = new Drivers();
    private InetSocketAddress address = new InetSocketAddress(0);
    private QuicDriver server = unset();
    private QuicDriver client = unset();

    @SuppressWarnings("NullAway")
    private static QuicDriver unset() {
        return null;
    }

    @BeforeEach
    void start() throws IOException {
        var socket = Drivers.socket();
        address = socket.localAddress();
        var tls = Drivers.serverTls()
                .tickets(new TicketKeys(Duration.ofHours(1)), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        server = drivers.start(QuicDriver.on(socket).server(tls).named("quic-server"));
        client = drivers.client();
    }

    @AfterEach
    void close() {
        drivers.close();
    }

    private Dial dial() {
        return Dial.to(address, Drivers.clientTls());
    }

    /** A connection with both of its ends. */
    private record Ends(QuicConnection client, QuicConnection server) {}

    private Ends connect() throws IOException, InterruptedException {
        return new Ends(client.dial(dial()), server.accept());
    }

    private FutureTask<Long> echo(QuicConnection connection) {
        return drivers.run(() -> {
            long count = 0;
            while (true) {
                var stream = connection.acceptBidirectional();
                count++;
                drivers.run(() -> copy(stream.input(), stream.output()));
                if (count < 0) {
                    return count;
                }
            }
        });
    }

    private static Void copy(InputStream in, OutputStream out) throws IOException {
        try (out) {
            in.transferTo(out);
        }
        return null;
    }

    @Test
    void bothSidesKnowEachOther() throws Exception {
        var ends = connect();

        assertThat(ends.client().summary().orElseThrow().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Drivers.SERVER_KEY.endpointId()));
        assertThat(ends.server().summary().orElseThrow().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Drivers.CLIENT_KEY.endpointId()));
        assertThat(ends.client().exportKeyingMaterial("label", new byte[] {1}, 32))
                .isEqualTo(ends.server().exportKeyingMaterial("label", new byte[] {1}, 32));
    }

    @Test
    void whatIsWrittenComesBack() throws Exception {
        var ends = connect();
        echo(ends.server());

        var stream = ends.client().openBidirectional();
        stream.output().write("how do you do".getBytes(UTF_8));
        stream.output().finish();

        assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("how do you do");
        assertThat(stream.input().read()).isEqualTo(-1);
        stream.output().awaitReceived();
    }

    @Test
    void muchMoreThanAllBuffersComesBackAsItWas() throws Exception {
        var ends = connect();
        echo(ends.server());
        var stream = ends.client().openBidirectional();
        int length = 20_000_000;

        var sent = drivers.run(() -> {
            var digest = MessageDigest.getInstance("SHA-256");
            var random = new Random(1);
            var piece = new byte[50_000];
            for (int at = 0; at < length; at += piece.length) {
                random.nextBytes(piece);
                digest.update(piece);
                stream.output().write(piece);
            }
            stream.output().finish();
            return HexFormat.of().formatHex(digest.digest());
        });
        var digest = MessageDigest.getInstance("SHA-256");
        var piece = new byte[70_000];
        long received = 0;
        for (int count = stream.input().read(piece);
                count >= 0;
                count = stream.input().read(piece)) {
            digest.update(piece, 0, count);
            received += count;
        }

        assertThat(received).isEqualTo(length);
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(sent.get());
    }

    @Test
    void aThousandStreamsEachEndAsTheyShould() throws Exception {
        var ends = connect();
        echo(ends.server());
        List<FutureTask<String>> answers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String text = "stream " + i;
            answers.add(drivers.run(() -> {
                var stream = ends.client().openBidirectional();
                stream.output().write(text.getBytes(UTF_8));
                stream.output().finish();
                return new String(stream.input().readAllBytes(), UTF_8);
            }));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get(30, SECONDS)).isEqualTo("stream " + i);
        }
    }

    @Test
    void streamsOfOneDirectionGoBothWays() throws Exception {
        var ends = connect();
        try (var out = ends.client().openUnidirectional()) {
            out.write(new byte[] {1, 2, 3});
        }
        try (var out = ends.server().openUnidirectional()) {
            out.write(new byte[] {4, 5});
        }

        assertThat(ends.server().acceptUnidirectional().readAllBytes()).containsExactly(1, 2, 3);
        assertThat(ends.client().acceptUnidirectional().readAllBytes()).containsExactly(4, 5);
    }

    @Test
    void whoAcceptsStreamsLateMissesNone() throws Exception {
        var ends = connect();
        for (int i = 0; i < 100; i++) {
            try (var out = ends.client().openUnidirectional()) {
                out.write(i);
            }
        }
        var waiting = drivers.run(() -> ends.client().openUnidirectional());

        for (int i = 0; i < 100; i++) {
            assertThat(ends.server().acceptUnidirectional().readAllBytes()).containsExactly(i);
        }
        assertThat(waiting.get(10, SECONDS).id()).isEqualTo(402);
    }

    @Test
    void aStreamThatIsGivenUpSaysWhy() throws Exception {
        var ends = connect();
        var stream = ends.client().openBidirectional();
        stream.output().write(1);
        var other = ends.server().acceptBidirectional();
        assertThat(other.input().read()).isEqualTo(1);

        stream.output().reset(42);

        assertThatThrownBy(() -> other.input().read())
                .isInstanceOfSatisfying(
                        StreamResetException.class, e -> assertThat(e.code()).isEqualTo(42))
                .hasMessage("stream 0: given up by the peer with code 42");
        assertThatThrownBy(() -> stream.output().write(2)).isInstanceOf(StreamStoppedException.class);
    }

    @Test
    void aStreamThatNobodyWantsSaysWhy() throws Exception {
        var ends = connect();
        var stream = ends.client().openBidirectional();
        stream.output().write(1);
        var other = ends.server().acceptBidirectional();

        other.input().stop(43);

        assertThatThrownBy(() -> {
                    while (true) {
                        stream.output().write(new byte[100_000]);
                    }
                })
                .isInstanceOfSatisfying(
                        StreamStoppedException.class, e -> assertThat(e.code()).isEqualTo(43))
                .hasMessage("stream 0: not wanted by the peer with code 43");
        assertThatThrownBy(() -> other.input().read()).isInstanceOf(StreamResetException.class);
    }

    @Test
    void whatWasReceivedIsReadAfterTheEnd() throws Exception {
        var ends = connect();
        var out = ends.client().openUnidirectional();
        out.write(new byte[500_000]);
        out.finish();
        out.awaitReceived();
        ends.client().close(7, "that was all");
        assertThat(ends.server().awaitClosed()).isEqualTo(new CloseCause.PeerApplication(7, "that was all"));

        var in = ends.server().acceptUnidirectional();

        assertThat(in.readAllBytes()).hasSize(500_000);
    }

    @Test
    void theEndOfAConnectionEndsWhateverWaitsForIt() throws Exception {
        var ends = connect();
        var stream = ends.client().openBidirectional();
        List<FutureTask<?>> waiting = List.of(
                drivers.run(() -> ends.client().acceptBidirectional()),
                drivers.run(() -> ends.client().acceptUnidirectional()),
                drivers.run(() -> ends.client().receiveDatagram()),
                drivers.run(() -> stream.input().read()),
                drivers.run(() -> {
                    while (true) {
                        stream.output().write(new byte[100_000]);
                    }
                }));

        ends.server().close(9, "enough");

        for (var thread : waiting) {
            assertThatThrownBy(() -> thread.get(10, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ConnectionClosedException.class,
                            e -> assertThat(e.closeCause()).isEqualTo(new CloseCause.PeerApplication(9, "enough")))
                    .hasMessage("connection closed: by the peer, code 9, \"enough\"");
        }
        assertThat(ends.server().awaitClosed()).isEqualTo(new CloseCause.Local(9));
        assertThatThrownBy(() -> ends.client().openBidirectional()).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void datagramsArrive() throws Exception {
        var ends = connect();
        assertThat(ends.client().maxDatagramSize()).isGreaterThanOrEqualTo(1100);
        for (int i = 0; i < 300; i++) {
            ends.client().sendDatagram(ByteBuffer.allocate(1000).putInt(0, i));
            assertThat(ends.server().receiveDatagram(Drivers.LONG).orElseThrow().getInt(0))
                    .isEqualTo(i);
        }
        assertThat(ends.server().receiveDatagram(Duration.ofMillis(1))).isEmpty();
    }

    @Test
    void datagramsThatNobodyTakesWaitAsLongAsThereIsRoom() throws Exception {
        var ends = connect();
        for (int i = 0; i < 500; i++) {
            ends.client().sendDatagram(ByteBuffer.allocate(1000).putInt(0, i));
        }
        var stream = ends.client().openUnidirectional();
        stream.write(1);
        ends.server().acceptUnidirectional().read();

        for (int i = 0; i < 500; i++) {
            assertThat(ends.server().receiveDatagram(Drivers.LONG).orElseThrow().getInt(0))
                    .isEqualTo(i);
        }
    }

    @Test
    void whoeverIsInterruptedStopsWaitingAndNothingIsLost() throws Exception {
        var ends = connect();
        var stream = ends.client().openBidirectional();
        stream.output().write(1);
        var other = ends.server().acceptBidirectional();
        var reading = new CountDownLatch(1);
        var outcome = new FutureTask<>(() -> {
            reading.countDown();
            return stream.input().read();
        });
        var thread = Thread.ofVirtual().start(outcome);
        reading.await();

        thread.interrupt();

        assertThatThrownBy(outcome::get).cause().isInstanceOf(InterruptedIOException.class);
        other.output().write(5);
        assertThat(stream.input().read()).isEqualTo(5);
    }

    @Test
    void nobodyThereIsFoundOutInTime() throws Exception {
        try (var nobody = Drivers.socket()) {
            var dial = Dial.to(nobody.localAddress(), Drivers.clientTls()).within(Duration.ofMillis(200));

            assertThatThrownBy(() -> client.dial(dial))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("handshake: not complete after 200 ms");
        }
    }

    @Test
    void whoIsNotTheOneThatWasDialledIsRefused() {
        var someoneElse = ClientConfig.builder(
                        PeerVerifier.endpoint(Drivers.key(3).endpointId()), Drivers.PROTOCOLS)
                .credential(Credential.of(Drivers.CLIENT_KEY))
                .build();

        assertThatThrownBy(() -> client.dial(Dial.to(address, someoneElse)))
                .isInstanceOfSatisfying(
                        ConnectionClosedException.class,
                        e -> assertThat(e.closeCause()).isInstanceOf(CloseCause.Breach.class));
    }

    @Test
    void aServerCanDialAsWell() throws Exception {
        var socket = Drivers.socket();
        var other =
                drivers.start(QuicDriver.on(socket).server(Drivers.serverTls().build()));

        var one = server.dial(Dial.to(socket.localAddress(), Drivers.clientTls()));
        var two = other.dial(dial());
        echo(other.accept());
        echo(server.accept());

        for (var connection : List.of(one, two)) {
            var stream = connection.openBidirectional();
            stream.output().write(3);
            assertThat(stream.input().read()).isEqualTo(3);
        }
    }

    @Test
    void aSecondConnectionBeginsWithWhatTheFirstHasLeft() throws Exception {
        var dial = dial().withTickets("server");
        var first = client.dial(dial);
        echo(server.accept());
        var warmUp = first.openBidirectional();
        warmUp.output().write(1); // tickets come with the handshake, or right behind it
        assertThat(warmUp.input().read()).isEqualTo(1);
        first.close(0, "");

        var second = client.dialEarly(dial);
        var stream = second.openBidirectional();
        stream.output().write("early".getBytes(UTF_8));
        stream.output().finish();
        echo(server.accept());

        assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("early");
        var summary = second.awaitConnected(Drivers.LONG);
        assertThat(summary.resumed()).isTrue();
        assertThat(summary.earlyDataAccepted()).isTrue();
        assertThat(second.isEarlyDataRejected()).isFalse();
    }

    @Test
    void clientsWhoProveTheirAddressAreLetIn() throws Exception {
        var socket = Drivers.socket();
        var careful = drivers.start(
                QuicDriver.on(socket).server(Drivers.serverTls().build()).limits(10, 0));

        client.dial(Dial.to(socket.localAddress(), Drivers.clientTls()));

        assertThat(careful.accept().summary()).isPresent();
    }

    @Test
    void whoIsNotAdmittedHearsNothing() throws Exception {
        var socket = Drivers.socket();
        drivers.start(QuicDriver.on(socket).server(Drivers.serverTls().build()).admission(_ -> false));

        assertThatThrownBy(() -> client.dial(
                        Dial.to(socket.localAddress(), Drivers.clientTls()).within(Duration.ofMillis(300))))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void whoOnlyDialsIsNoServer() throws Exception {
        var socket = Drivers.socket();
        drivers.start(QuicDriver.on(socket));

        assertThatThrownBy(() -> client.dial(
                        Dial.to(socket.localAddress(), Drivers.clientTls()).within(Duration.ofMillis(300))))
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void aConnectionThatIsSilentForTooLongIsOver() throws Exception {
        var socket = Drivers.socket();
        drivers.start(QuicDriver.on(socket)
                .server(Drivers.serverTls().build())
                .connections(zero -> impatient(ConnectionConfig.defaults(zero))));

        var connection = client.dial(Dial.to(socket.localAddress(), Drivers.clientTls()));

        assertThat(connection.awaitClosed()).isEqualTo(new CloseCause.Idle());
    }

    private static ConnectionConfig impatient(ConnectionConfig config) {
        return new ConnectionConfig(
                Duration.ofMillis(200),
                Duration.ZERO,
                config.streams(),
                config.datagramBytes(),
                config.addressDiscovery(),
                config.fixedBitMayBeZero(),
                config.initialRtt(),
                config.timeZero());
    }

    @Test
    void aServerThatHasForgottenItsConnectionsSaysSo() throws Exception {
        var connection = client.dial(dial());
        server.accept();
        // As if it had been restarted with the same key: its machine does not know the connection any more.
        server.forgetAll();

        connection.sendDatagram(ByteBuffer.allocate(100)); // unless something else went out before

        assertThat(connection.awaitClosed()).isEqualTo(new CloseCause.Reset());
    }

    @Test
    void closingADriverTellsEverybody() throws Exception {
        var ends = connect();
        var accepting = drivers.run(() -> server.accept());

        server.close();

        assertThat(ends.client().awaitClosed()).isEqualTo(new CloseCause.PeerApplication(0, ""));
        assertThat(ends.server().awaitClosed()).isEqualTo(new CloseCause.Local(0));
        assertThatThrownBy(accepting::get).cause().isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ends.server().openBidirectional()).isInstanceOf(ConnectionClosedException.class);
        assertThatThrownBy(() -> server.dial(dial()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        ends.server().close();
    }

    @Test
    void oneWhoSendsMuchKeepsNobodyWaiting() throws Exception {
        var ends = connect();
        var flood = drivers.run(() -> {
            var out = ends.client().openUnidirectional();
            while (true) {
                out.write(new byte[100_000]);
            }
        });
        drivers.run(() -> ends.server().acceptUnidirectional().transferTo(OutputStream.nullOutputStream()));
        var other = client.dial(dial());
        echo(server.accept());

        for (int i = 0; i < 50; i++) {
            var stream = other.openBidirectional();
            stream.output().write(i);
            assertThat(stream.input().read()).isEqualTo(i);
        }
        assertThat(flood.isDone()).isFalse();
    }

    @Test
    void itRunsOnTheJdksSocketsAsWell() throws Exception {
        var loopback = UdpTransport.Options.at(new InetSocketAddress(address.getAddress(), 0));
        var socket = UdpTransport.openPortable(loopback);
        var portable =
                drivers.start(QuicDriver.on(socket).server(Drivers.serverTls().build()));

        var connection = client.dial(Dial.to(socket.localAddress(), Drivers.clientTls()));
        echo(portable.accept());
        var stream = connection.openBidirectional();
        drivers.run(() -> {
            try (var out = stream.output()) {
                out.write(new byte[3_000_000]);
            }
            return true;
        });

        assertThat(stream.input().readAllBytes()).hasSize(3_000_000);
    }

    @Test
    void theMachineCanBeLookedAt() throws Exception {
        var ends = connect();

        assertThat(ends.client().inspect(Connection::isConnected)).isTrue();
    }
}
