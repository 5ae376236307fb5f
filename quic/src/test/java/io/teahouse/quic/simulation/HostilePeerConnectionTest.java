package io.teahouse.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.HandshakeIds;
import io.teahouse.quic.Inspection;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.tls.schedule.CipherSuite;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * A peer that has the right keys and says wrong things, and strangers that have none: a connection goes on, or ends with an
 * error that there is, and never takes much memory or time.
 *
 * <p>{@code -Dquic.hostile.seeds=100000} for more of them, {@code -Dquic.hostile.seed=17} for one alone.
 */
class HostilePeerConnectionTest {
    private static final int SEEDS = Integer.getInteger("quic.hostile.seeds", 2000);
    private static final long ONLY = Long.getLong("quic.hostile.seed", -1);

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1);
    private static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 2);

    /** The last transport error; then come those of TLS, and those of the extensions. */
    private static final long LAST_ERROR = 0x10;

    private static final long FIRST_ALERT = 0x100;
    private static final long LAST_ALERT = 0x1ff;

    /** A client and a server and nothing between them but whoever meddles. */
    private static final class Meeting {
        final Random random;
        final PretendedHandshake.Terms terms;
        final Connection client;
        final Role victim;
        final List<byte[]> heard = new ArrayList<>();
        Optional<Connection> server = Optional.empty();
        Optional<CloseCause> cause = Optional.empty();
        long nowNanos;
        long answered;
        private final ConnectionIdSource ids;
        private Optional<Meddler> meddler = Optional.empty();

        Meeting(long seed, Role victim) {
            this.random = new Random(seed);
            this.victim = victim;
            this.terms = new PretendedHandshake.Terms(
                    seed, CipherSuite.AES_128_GCM_SHA256, random.nextInt(2000), random.nextInt(4) == 0, true);
            this.ids = new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
            this.client = Connection.client(
                    config(),
                    ids,
                    parameters -> PretendedHandshake.client(terms, parameters),
                    terms.offersEarly()
                            ? Optional.of(Inspection.rememberedParameters(config(), random))
                            : Optional.empty(),
                    NetworkPath.to(SERVER),
                    random,
                    0);
        }

        static ConnectionConfig config() {
            return new ConnectionConfig(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    StreamLimits.DEFAULT,
                    20_000,
                    Optional.of(AddressDiscovery.BOTH),
                    true,
                    Duration.ofMillis(333),
                    Scenario.TIME_ZERO);
        }

        Optional<Connection> victim() {
            return victim == Role.CLIENT ? Optional.of(client) : server;
        }

        Meddler meddler() {
            if (meddler.isEmpty()) {
                meddler = Optional.of(new Meddler(terms, victim.peer(), client.initialId()));
            }
            return meddler.get();
        }

        /** All that both have to say now goes to the other, on its way to the victim changed. */
        void exchange(Meddler.Change change) {
            for (var next = client.pollOutgoing(nowNanos); next.isPresent(); next = client.pollOutgoing(nowNanos)) {
                var data = next.get().data();
                toServer(victim == Role.SERVER ? meddler().meddle(data, change) : data);
            }
            if (server.isPresent()) {
                var connection = server.get();
                for (var next = connection.pollOutgoing(nowNanos);
                        next.isPresent();
                        next = connection.pollOutgoing(nowNanos)) {
                    var data = next.get().data();
                    toClient(victim == Role.CLIENT ? meddler().meddle(data, change) : data);
                }
            }
            collect();
        }

        void toVictim(ByteBuffer datagram) {
            if (victim == Role.CLIENT) {
                toClient(datagram);
            } else {
                toServer(datagram);
            }
        }

        private void toClient(ByteBuffer datagram) {
            hear(Role.CLIENT, datagram);
            client.receive(datagram, NetworkPath.to(SERVER), Ecn.NOT_ECT, nowNanos);
        }

        private void toServer(ByteBuffer datagram) {
            hear(Role.SERVER, datagram);
            if (server.isEmpty()) {
                accept(datagram);
            }
            server.ifPresent(connection -> connection.receive(datagram, NetworkPath.to(CLIENT), Ecn.NOT_ECT, nowNanos));
        }

        private void hear(Role role, ByteBuffer datagram) {
            if (role == victim && heard.size() < 50) {
                var copy = new byte[datagram.remaining()];
                datagram.duplicate().get(copy);
                heard.add(copy);
            }
        }

        private void accept(ByteBuffer datagram) {
            var first = new DatagramReader(datagram, ConnectionIdSource.ID_LENGTH, true).next();
            if (first.isPresent()
                    && first.get() instanceof ReceivedPacket.Sealed sealed
                    && sealed.type() == PacketType.INITIAL) {
                var known = HandshakeIds.ofServer(
                        ids.next(), sealed.source().orElseThrow(), sealed.destination(), Optional.empty());
                server = Optional.of(Connection.server(
                        config(),
                        ids,
                        parameters -> PretendedHandshake.server(terms, parameters),
                        known,
                        false,
                        NetworkPath.to(CLIENT),
                        random,
                        nowNanos));
            }
        }

        void pass(long nanos) {
            nowNanos += nanos;
            client.handleTimeout(nowNanos);
            server.ifPresent(connection -> connection.handleTimeout(nowNanos));
        }

        /** Asks the victim for what it sends, which goes nowhere. */
        void drain() {
            victim().ifPresent(connection -> {
                while (connection.pollOutgoing(nowNanos).isPresent()) {
                    answered++;
                }
            });
            collect();
        }

        private void collect() {
            victim().ifPresent(connection -> {
                for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
                    if (event.get() instanceof ConnectionEvent.Closed(CloseCause found)) {
                        cause = Optional.of(found);
                    }
                }
                Inspection.requireSound(connection);
            });
        }

        /** Uses the connection a little on both sides, so that there is something to speak about. */
        void use() {
            for (Connection connection : server.isPresent() ? List.of(client, server.get()) : List.of(client)) {
                if (connection.isConnected() && cause.isEmpty()) {
                    var id = connection.streams().open(random.nextBoolean());
                    if (id.isPresent()) {
                        connection.streams().write(id.getAsLong(), ByteBuffer.allocate(random.nextInt(3000)));
                        if (random.nextBoolean()) {
                            connection.streams().finish(id.getAsLong());
                        }
                    }
                    connection.sendDatagram(ByteBuffer.allocate(random.nextInt(50)));
                    var other = connection.streams().accept();
                    if (other.isPresent()) {
                        connection.streams().read(other.getAsLong(), ByteBuffer.allocate(5000));
                    }
                }
            }
        }
    }

    @Test
    void whateverAPeerSaysItIsTakenOrAnError() {
        long from = Math.max(0, ONLY);
        long to = ONLY >= 0 ? ONLY + 1 : SEEDS;
        int closed = 0;
        for (long seed = from; seed < to; seed++) {
            try {
                closed += meddled(seed) ? 1 : 0;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dquic.hostile.seed=" + seed, e);
            }
        }
        if (ONLY < 0) {
            assertThat(closed).as("how many ended with an error").isBetween((int) (to / 10), (int) (to - to / 10));
        }
    }

    /** One meeting; whether the victim has closed. */
    private static boolean meddled(long seed) {
        var meeting = new Meeting(seed, (seed & 1) == 0 ? Role.CLIENT : Role.SERVER);
        var frames = new RandomFrames(meeting.random);
        double often = Math.pow(10, -2 * meeting.random.nextDouble());
        for (int round = 0; round < 12; round++) {
            meeting.use();
            meeting.exchange((type, payload) ->
                    meeting.random.nextDouble() < often ? changed(payload, frames, meeting.random) : payload);
            stranger(meeting);
            meeting.pass(5 * MILLI);
        }
        // Now nobody says anything any more.
        for (int second = 0;
                second < 100 && !meeting.victim().map(Connection::isOver).orElse(true);
                second++) {
            meeting.pass(SECOND);
            meeting.drain();
        }
        assertThat(meeting.victim().map(Connection::isOver).orElse(true))
                .as("over")
                .isTrue();
        meeting.cause.ifPresent(HostilePeerConnectionTest::requireSpecified);
        return meeting.cause.filter(CloseCause.Breach.class::isInstance).isPresent();
    }

    private static void requireSpecified(CloseCause cause) {
        if (cause instanceof CloseCause.Breach(long code, String _)) {
            boolean known = code <= LAST_ERROR || (code >= FIRST_ALERT && code <= LAST_ALERT);
            assertThat(known).as("%s", cause).isTrue();
            assertThat(code).as("%s", cause).isNotZero();
        }
    }

    private static byte[] changed(byte[] payload, RandomFrames frames, Random random) {
        var bytes = payload.clone();
        return switch (random.nextInt(6)) {
            case 0 -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                yield bytes;
            }
            case 1 -> {
                bytes[random.nextInt(Math.min(bytes.length, 10))] = (byte) random.nextInt();
                yield bytes;
            }
            case 2 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 3 -> {
                var garbage = new byte[1 + random.nextInt(100)];
                random.nextBytes(garbage);
                yield garbage;
            }
            default -> {
                var frame = encoded(frames.next());
                var both = ByteBuffer.allocate(frame.length + bytes.length);
                yield random.nextBoolean()
                        ? both.put(frame).put(bytes).array()
                        : both.put(bytes).put(frame).array();
            }
        };
    }

    private static byte[] encoded(Frame frame) {
        var out = ByteBuffer.allocate(FrameEncoder.length(frame));
        FrameEncoder.write(frame, out);
        return out.array();
    }

    /** Somebody without keys sends what he has heard, cut, changed or made up. */
    private static void stranger(Meeting meeting) {
        var random = meeting.random;
        if (meeting.heard.isEmpty() || random.nextInt(3) > 0) {
            return;
        }
        var bytes = meeting.heard.get(random.nextInt(meeting.heard.size())).clone();
        switch (random.nextInt(5)) {
            case 0 -> {}
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> bytes = new byte[random.nextInt(1400)];
            case 3 -> {
                bytes = new byte[random.nextInt(1400)];
                random.nextBytes(bytes);
            }
            default -> {
                for (int count = 1 + random.nextInt(4); count > 0 && bytes.length > 0; count--) {
                    bytes[random.nextInt(Math.min(40, bytes.length))] = (byte) random.nextInt();
                }
            }
        }
        var before = meeting.cause;
        meeting.toVictim(ByteBuffer.wrap(bytes));
        meeting.collect();
        if (before.isEmpty() && meeting.cause.isPresent()) {
            // Initial packets are anybody's; nobody else can end a connection.
            assertThat(meeting.cause.get()).isNotInstanceOf(CloseCause.Reset.class);
        }
    }

    /** What a patient peer says again and again, all of which is allowed, at least for a while. */
    private static final Map<String, LongFunction<Frame>> FLOODS = Map.ofEntries(
            Map.entry("pings", _ -> new ConnectionFrame.Ping()),
            Map.entry("padding", _ -> new ConnectionFrame.Padding(20)),
            Map.entry("connection limits", ConnectionFrame.MaxData::new),
            Map.entry("blocked", ConnectionFrame.DataBlocked::new),
            Map.entry("questions", _ -> new ConnectionFrame.ImmediateAck()),
            Map.entry("ack frequencies", n -> new ConnectionFrame.AckFrequency(n, n % 5, 1000 + n, 1 + n % 3)),
            Map.entry("datagrams", n -> new ConnectionFrame.Datagram(ByteBuffer.allocate((int) (n % 100)))),
            Map.entry("empty datagrams", _ -> new ConnectionFrame.Datagram(ByteBuffer.allocate(0))),
            Map.entry(
                    "handshake data with gaps", n -> new ConnectionFrame.Crypto(2 * n + 1000, ByteBuffer.allocate(1))),
            Map.entry("handshake done", _ -> new ConnectionFrame.HandshakeDone()),
            Map.entry("tokens", _ -> new ConnectionFrame.NewToken(ByteBuffer.allocate(100))),
            Map.entry("bytes with gaps", n -> data(n % 100, 2 * (n / 100 % 20) + 10, 1, false)),
            Map.entry("the same byte", n -> data(n % 100, 5, 1, false)),
            Map.entry("a stream's end", n -> data(n % 100, 0, 1, true)),
            Map.entry("empty pieces", n -> data(n % 100, n, 0, false)),
            Map.entry("resets", n -> new StreamFrame.ResetStream(stream(n % 100), 1, 0)),
            Map.entry("stops", n -> new StreamFrame.StopSending(stream(n % 100), n)),
            Map.entry("stream limits", n -> new StreamFrame.MaxStreamData(stream(n % 100), n)),
            Map.entry("blocked streams", n -> new StreamFrame.StreamDataBlocked(stream(n % 100), n)),
            Map.entry("counts of streams", n -> new StreamFrame.MaxStreams(true, n)),
            Map.entry("blocked counts", n -> new StreamFrame.StreamsBlocked(true, n)),
            Map.entry("connection ids", n -> new PathFrame.NewConnectionId(issued(n + 1, n + 1))),
            Map.entry("connection ids with gaps", n -> new PathFrame.NewConnectionId(issued(3 * n + 5, 0))),
            Map.entry("retired ids", n -> new PathFrame.RetireConnectionId(n + 1)),
            Map.entry("challenges", PathFrame.PathChallenge::new),
            Map.entry("answers", PathFrame.PathResponse::new),
            Map.entry(
                    "addresses",
                    n -> new AddressFrame.ObservedAddress(
                            n, new InetSocketAddress(CLIENT.getAddress(), (int) (n % 60_000)))));

    static final List<String> FLOOD_NAMES = List.copyOf(new TreeSet<>(FLOODS.keySet()));

    @ParameterizedTest
    @FieldSource("FLOOD_NAMES")
    void nothingGrowsHoweverOftenAPeerSaysSomething(String flood) {
        for (Role victim : Role.values()) {
            for (int step = 1; step <= 2; step++) {
                long few = flooded(victim, flood, 2_000, step);
                long many = flooded(victim, flood, 8_000, step);

                assertThat(many)
                        .as("bytes at the %s, packet numbers by %d, after %d before", victim, step, few)
                        .isLessThan(few + few / 4 + 30_000);
            }
        }
    }

    /** How much a connection holds after a peer has said something many times, with packet numbers left out or not. */
    private static long flooded(Role victim, String flood, int times, int step) {
        var meeting = new Meeting(7, victim);
        while (!Inspection.isConfirmed(meeting.client)) {
            meeting.exchange((_, payload) -> payload);
            meeting.pass(MILLI);
        }
        var frames = Objects.requireNonNull(FLOODS.get(flood));
        for (int count = 0; count < times && meeting.cause.isEmpty(); count++) {
            var frame = frames.apply(count);
            // Streams of the peer's.
            if (victim == Role.CLIENT && frame instanceof StreamFrame.StreamData piece) {
                frame = new StreamFrame.StreamData(piece.streamId() + 1, piece.offset(), piece.data(), piece.fin());
            } else if (victim == Role.CLIENT && frame instanceof StreamFrame.ResetStream reset) {
                frame = new StreamFrame.ResetStream(reset.streamId() + 1, reset.code(), reset.finalSize());
            }
            meeting.meddler().invent(encoded(frame), step).ifPresent(meeting::toVictim);
            if (count % 50 == 0) {
                meeting.pass(MILLI);
            }
            meeting.drain();
        }
        meeting.cause.ifPresent(HostilePeerConnectionTest::requireSpecified);
        assertThat(meeting.answered).as("datagrams in answer").isLessThan(2L * times + 200);
        return Footprint.of(meeting.victim().orElseThrow());
    }

    @Test
    void nothingGrowsHoweverOftenAClientMoves() {
        long few = moved(500);
        long many = moved(4_000);

        assertThat(many).isLessThan(few + few / 4 + 30_000);
    }

    private static long moved(int times) {
        var meeting = new Meeting(7, Role.SERVER);
        while (!Inspection.isConfirmed(meeting.client)) {
            meeting.exchange((_, payload) -> payload);
            meeting.pass(MILLI);
        }
        for (int count = 0; count < times && meeting.cause.isEmpty(); count++) {
            var from = NetworkPath.to(new InetSocketAddress(CLIENT.getAddress(), 1000 + count));
            meeting.meddler()
                    .invent(encoded(new ConnectionFrame.Ping()), 1)
                    .ifPresent(datagram ->
                            meeting.server.orElseThrow().receive(datagram, from, Ecn.NOT_ECT, meeting.nowNanos));
            meeting.pass(MILLI);
            meeting.drain();
        }
        return Footprint.of(meeting.server.orElseThrow());
    }

    private static StreamFrame.StreamData data(long index, long offset, int length, boolean fin) {
        return new StreamFrame.StreamData(stream(index), offset, ByteBuffer.allocate(length), fin);
    }

    private static long stream(long index) {
        return 4 * index;
    }

    private static IssuedId issued(long sequence, long retirePriorTo) {
        var id = ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
        return new IssuedId(
                sequence, retirePriorTo, ConnectionId.of(id), StatelessResetToken.of(Arrays.copyOf(id, 16)));
    }
}
