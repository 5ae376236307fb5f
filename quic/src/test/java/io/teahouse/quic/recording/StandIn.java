package io.teahouse.quic.recording;

import com.google.gson.JsonObject;
import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.HandshakeIds;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketProtection;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.TrafficSecret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Our connection in the place of one side of a recording: it hears what the other side said then, when it was said, and
 * its application does what was done then.
 *
 * <p>The packets keep their numbers, keys and frames; but what they acknowledge is what our connection has sent, and the
 * connection ids of ours that they go to are ours.
 */
final class StandIn {
    private static final long MILLI = 1_000_000;
    private static final int ROOM = 1500;
    /** How many connection ids we keep. */
    private static final int ACTIVE_IDS = 5;

    private static final String ORIGINAL_DESTINATION = "0x0";

    /** One packet that our connection has sent. */
    record Sent(EncryptionLevel level, long number, List<Frame> frames) {}

    private final Recording recording;
    private final Role self;
    private final Connection connection;
    private final NetworkPath network;
    private final KeyRing asPeerOpening;
    private final KeyRing asPeerSealing;
    private final Map<EncryptionLevel, Long> largestOfOurs = new EnumMap<>(EncryptionLevel.class);
    final List<Sent> sent = new ArrayList<>();
    /** The numbers of the peer's 1-RTT packets that were delivered and ask for an acknowledgement. */
    final Set<Long> delivered = new TreeSet<>();

    long largestDelivered;

    final List<ConnectionEvent> events = new ArrayList<>();
    final Map<Long, byte[]> read = new java.util.HashMap<>();
    private long nowNanos;

    StandIn(Recording recording, Role self) throws TransportException {
        this.recording = recording;
        this.self = self;
        var opened = new ArrayList<Replay.Opened>();
        var replay = new Replay(recording);
        for (JsonObject datagram : recording.datagrams()) {
            opened.addAll(replay.open(Replay.bytes(datagram)));
        }
        var ids = new ConnectionIdSource(new Random(1), new byte[ConnectionIdSource.KEY_LENGTH]);
        var config = ConnectionConfig.defaults(Instant.EPOCH);
        this.network = NetworkPath.to(peersAddress());
        if (self == Role.CLIENT) {
            // TLS has to know where the first packet goes: the second of the ids that will be made.
            var sameIds = new ConnectionIdSource(new Random(1), new byte[ConnectionIdSource.KEY_LENGTH]);
            sameIds.next();
            var initial = sameIds.next();
            this.connection = Connection.client(
                    config,
                    ids,
                    _ -> new RecordedHandshake(script(opened, initial)),
                    Optional.empty(),
                    network,
                    new Random(2),
                    0);
        } else {
            var first = opened.getFirst().sealed();
            var known = HandshakeIds.ofServer(
                    ids.next(), first.source().orElseThrow(), first.destination(), Optional.empty());
            this.connection = Connection.server(
                    config,
                    ids,
                    _ -> new RecordedHandshake(script(opened, first.destination())),
                    known,
                    false,
                    network,
                    new Random(2),
                    0);
        }
        this.asPeerOpening = ring(self.peer());
        this.asPeerSealing = ring(self.peer());
    }

    private InetSocketAddress peersAddress() {
        for (JsonObject datagram : recording.datagrams()) {
            var packet = datagram.getAsJsonArray("packets").get(0).getAsJsonObject();
            if (!Vectors.text(packet, "from").equalsIgnoreCase(self.name())) {
                var address = Vectors.text(datagram, "src").split(":", -1);
                return new InetSocketAddress(InetAddress.ofLiteral(address[0]), Integer.parseInt(address[1]));
            }
        }
        throw new AssertionError("nobody else in the recording");
    }

    private KeyRing ring(Role role) {
        var ring = new KeyRing(role);
        ring.installInitial(connection.initialId());
        for (var level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT)) {
            ring.install(level, Optional.of(secret(role, level)), Optional.of(secret(role.peer(), level)));
        }
        return ring;
    }

    private TrafficSecret secret(Role sender, EncryptionLevel level) {
        var label = level == EncryptionLevel.HANDSHAKE ? "_HANDSHAKE_TRAFFIC_SECRET" : "_TRAFFIC_SECRET_0";
        return recording.secret(0, sender + label).orElseThrow();
    }

    private RecordedHandshake.Script script(List<Replay.Opened> opened, ConnectionId original) {
        var said = new EnumMap<EncryptionLevel, byte[]>(EncryptionLevel.class);
        var heard = new EnumMap<EncryptionLevel, Integer>(EncryptionLevel.class);
        for (var packet : opened) {
            var level = packet.sealed().type().level();
            for (Frame frame : packet.frames()) {
                if (frame instanceof ConnectionFrame.Crypto crypto) {
                    int end = (int) crypto.offset() + crypto.data().remaining();
                    if (packet.route().sender() == self) {
                        var bytes = said.getOrDefault(level, new byte[0]);
                        bytes = java.util.Arrays.copyOf(bytes, Math.max(bytes.length, end));
                        crypto.data()
                                .duplicate()
                                .get(bytes, (int) crypto.offset(), crypto.data().remaining());
                        said.put(level, bytes);
                    } else {
                        heard.merge(level, end, Math::max);
                    }
                }
            }
        }
        return new RecordedHandshake.Script(self, said, heard, peerParameters(original), this::secret);
    }

    private Opaque peerParameters(ConnectionId original) {
        var out = ByteBuffer.allocate(ROOM);
        var all = recording.connection(0).getAsJsonObject("transport_parameters");
        for (JsonObject parameter :
                Recording.objects(all.getAsJsonArray(self.peer().name().toLowerCase(java.util.Locale.ROOT)))) {
            var id = Vectors.text(parameter, "id");
            var raw = id.equals(ORIGINAL_DESTINATION) ? original.toBytes() : Vectors.bytes(parameter, "raw");
            VarInt.write(Long.decode(id), out);
            VarInt.write(raw.length, out);
            out.put(raw);
        }
        var bytes = new byte[out.position()];
        out.flip().get(bytes);
        return Opaque.copyOf(bytes);
    }

    /** Lets all of the recording happen. */
    void play() throws TransportException {
        var replay = new Replay(recording);
        flush();
        for (JsonObject datagram : recording.datagrams()) {
            passUntil((long) (datagram.get("t_ms").getAsDouble() * MILLI));
            var packets = replay.open(Replay.bytes(datagram));
            if (packets.isEmpty() || packets.getFirst().route().connection() != 0) {
                continue;
            }
            if (packets.getFirst().route().sender() == self) {
                packets.forEach(this::act);
            } else {
                hear(packets, Vectors.integer(datagram, "ecn"));
            }
            flush();
        }
        passUntil(nowNanos + 100 * MILLI);
    }

    private void passUntil(long untilNanos) throws TransportException {
        while (connection.nextTimeoutNanos(nowNanos) < untilNanos) {
            nowNanos = Math.max(nowNanos, connection.nextTimeoutNanos(nowNanos));
            connection.handleTimeout(nowNanos);
            flush();
        }
        nowNanos = Math.max(nowNanos, untilNanos);
    }

    /** Does what the application of our side must have done before this packet was sent. */
    private void act(Replay.Opened packet) {
        for (Frame frame : packet.frames()) {
            switch (frame) {
                case StreamFrame.StreamData data -> write(data);
                case ConnectionFrame.ApplicationClose close ->
                    connection.close(close.code(), FrameText.utf8(close.reason()), nowNanos);
                default -> {}
            }
        }
    }

    private void write(StreamFrame.StreamData data) {
        var streams = connection.streams();
        if (streams.sending(data.streamId()).isEmpty()) {
            streams.open((data.streamId() & 2) == 0);
        }
        streams.write(data.streamId(), data.data().duplicate());
        if (data.fin()) {
            streams.finish(data.streamId());
        }
    }

    private void hear(List<Replay.Opened> packets, int mark) {
        var out = ByteBuffer.allocate(ROOM);
        for (var packet : packets) {
            seal(packet, out);
        }
        var ecn = mark == 2 ? Ecn.ECT0 : Ecn.NOT_ECT;
        System.out.println("hear "
                + packets.stream()
                        .map(p -> p.sealed().type() + " " + p.number() + " "
                                + p.frames().stream().map(f -> f.type().name()).toList())
                        .toList()
                + " bytes " + out.position());
        connection.receive(out.flip(), network, ecn, nowNanos);
    }

    private void seal(Replay.Opened packet, ByteBuffer out) {
        var sealed = packet.sealed();
        var level = sealed.type().level();
        boolean first = self == Role.SERVER && sealed.destination().equals(recording.originalDestination(0));
        var destination =
                first ? connection.initialId() : connection.ids().iterator().next();
        var writer = level == EncryptionLevel.ONE_RTT
                ? asPeerSealing.beginOneRtt(
                        out,
                        destination,
                        PacketProtection.spin(packet.firstByte()),
                        0,
                        packet.number(),
                        packet.numberLength())
                : PacketWriter.longHeader(
                        out,
                        sealed.type(),
                        destination,
                        sealed.source().orElseThrow(),
                        sealed.token(),
                        packet.number(),
                        packet.numberLength());
        boolean eliciting = false;
        for (Frame frame : packet.frames()) {
            if (frame instanceof AckFrame.Ack ack) {
                acknowledgement(level, ack).ifPresent(known -> FrameEncoder.write(known, writer.payload()));
            } else if (isInPlaceOfRetired(frame)) {
                eliciting = true; // we have not retired any, which is for each side to decide
                FrameEncoder.write(new ConnectionFrame.Ping(), writer.payload());
            } else if (FrameEncoder.length(frame) <= writer.payload().remaining()) {
                FrameEncoder.write(frame, writer.payload());
                eliciting |= frame.type().isAckEliciting();
            }
        }
        asPeerSealing.finish(writer, level);
        if (level == EncryptionLevel.ONE_RTT) {
            largestDelivered = Math.max(largestDelivered, packet.number());
            if (eliciting) {
                delivered.add(packet.number());
            }
        }
    }

    private static boolean isInPlaceOfRetired(Frame frame) {
        return frame instanceof PathFrame.NewConnectionId(var issued) && issued.sequence() >= ACTIVE_IDS;
    }

    /** The same acknowledgement, of all that our connection has sent. */
    private Optional<AckFrame.Ack> acknowledgement(EncryptionLevel level, AckFrame.Ack recorded) {
        var numbers = new TreeSet<Long>();
        sent.stream().filter(packet -> packet.level() == level).forEach(packet -> numbers.add(packet.number()));
        if (numbers.isEmpty()) {
            return Optional.empty();
        }
        var bounds = new ArrayList<Long>();
        for (long number : numbers.descendingSet()) {
            if (!bounds.isEmpty() && bounds.getLast() == number + 1) {
                bounds.set(bounds.size() - 1, number);
            } else {
                bounds.add(number);
                bounds.add(number);
            }
        }
        var ranges =
                AckRanges.ofBounds(bounds.stream().mapToLong(Long::longValue).toArray());
        return Optional.of(new AckFrame.Ack(ranges, recorded.delay(), Optional.empty()));
    }

    private void flush() throws TransportException {
        for (var next = connection.pollOutgoing(nowNanos); next.isPresent(); next = connection.pollOutgoing(nowNanos)) {
            open(next.get().data());
        }
        for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
            events.add(event.get());
        }
        var streams = connection.streams();
        for (var id = streams.pollReadable(); id.isPresent(); id = streams.pollReadable()) {
            var buffer = ByteBuffer.allocate(100_000);
            streams.read(id.getAsLong(), buffer);
            var before = read.getOrDefault(id.getAsLong(), new byte[0]);
            var all = ByteBuffer.allocate(before.length + buffer.position());
            read.put(id.getAsLong(), all.put(before).put(buffer.flip()).array());
        }
    }

    private void open(ByteBuffer datagram) throws TransportException {
        var copy = new byte[datagram.remaining()];
        datagram.duplicate().get(copy);
        var reader = new DatagramReader(ByteBuffer.wrap(copy), ConnectionIdSource.ID_LENGTH, true);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            var packet = (ReceivedPacket.Sealed) next.get();
            var level = packet.type().level();
            long largest = largestOfOurs.getOrDefault(level, PacketNumber.NONE);
            var result = asPeerOpening.open(copy, packet, 0, largest, nowNanos, Long.MAX_VALUE / 2);
            if (!(result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload))) {
                throw new AssertionError("our packet does not open: " + result);
            }
            largestOfOurs.merge(level, number, Math::max);
            var rules = new FrameRules(level, self, EnumSet.allOf(Extension.class));
            sent.add(new Sent(level, number, Replay.decode(payload, rules)));
            System.out.println("  "
                    + sent.getLast().frames().stream()
                            .map(f -> f instanceof AckFrame.Ack a
                                    ? "ACK " + a.ranges().smallest(0) + "-"
                                            + a.ranges().largest(0)
                                    : f.type().name())
                            .toList());
        }
    }

    /** Why the connection has ended, if it has. */
    Optional<CloseCause> cause() {
        return events.stream()
                .filter(ConnectionEvent.Closed.class::isInstance)
                .map(event -> ((ConnectionEvent.Closed) event).cause())
                .findFirst();
    }
}
