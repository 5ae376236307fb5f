package io.teahouse.quic;

import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.ReceivedPackets;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * One packet while it is written: its header, its frames, and in the end the record of it. Not thread-safe.
 *
 * <p>A packet that is not {@linkplain #finish finished} has never been.
 */
final class PacketBuilder {
    /** The delays in our acknowledgements count in units of 8 microseconds, which is what absence of a value means. */
    private static final long NANOS_PER_DELAY_UNIT = 8 * 1000;

    private static final ByteBuffer NO_TOKEN = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ConnectionState state;
    private final Path<PacketContent> path;
    private final EncryptionLevel level;
    private final EncryptionLevel space;
    private final long number;
    private final PacketWriter writer;
    private final ByteBuffer payload;
    private final PacketContent content;
    private boolean eliciting;
    private boolean padded;

    private PacketBuilder(
            ConnectionState state, Path<PacketContent> path, EncryptionLevel level, long number, PacketWriter writer) {
        this.state = state;
        this.path = path;
        this.level = level;
        this.space = Spaces.of(level);
        this.number = number;
        this.writer = writer;
        this.payload = writer.payload();
        this.content = new PacketContent(space, path.id());
    }

    /** Begins a packet in what is left of a datagram; empty if that is too little. */
    static Optional<PacketBuilder> begin(
            ConnectionState state, Path<PacketContent> path, EncryptionLevel level, ByteBuffer datagram) {
        if (!canReach(state, path) || datagram.remaining() < overhead(state, path, level) + MIN_PAYLOAD) {
            return Optional.empty();
        }
        var recovery = path.recovery();
        var space = Spaces.of(level);
        long number = recovery.numbers(space).peek();
        int numberLength = PacketNumber.length(number, recovery.largestAcknowledged(space));
        var writer = level == EncryptionLevel.ONE_RTT
                ? state.keys.beginOneRtt(datagram, destination(state, path), false, path.id(), number, numberLength)
                : PacketWriter.longHeader(
                        datagram,
                        PacketType.of(level),
                        state.ids.destination(),
                        state.ids.own(),
                        token(state, level),
                        number,
                        numberLength);
        return Optional.of(new PacketBuilder(state, path, level, number, writer));
    }

    /** Fewer bytes than this are not worth a packet. */
    private static final int MIN_PAYLOAD = 32;

    /** How many bytes a packet takes beside its payload, at most. */
    static int overhead(ConnectionState state, Path<PacketContent> path, EncryptionLevel level) {
        return level == EncryptionLevel.ONE_RTT
                ? PacketWriter.shortOverhead(destination(state, path).length(), PacketNumber.MAX_LENGTH)
                : PacketWriter.longOverhead(
                        PacketType.of(level),
                        state.ids.destination().length(),
                        state.ids.own().length(),
                        token(state, level).remaining(),
                        PacketNumber.MAX_LENGTH);
    }

    private static ByteBuffer token(ConnectionState state, EncryptionLevel level) {
        boolean carried = level == EncryptionLevel.INITIAL && state.role == Role.CLIENT;
        return carried ? state.ids.token() : NO_TOKEN;
    }

    /** Whether there is an id by which packets of the path find the peer. */
    static boolean canReach(ConnectionState state, Path<PacketContent> path) {
        return path.id() == 0 || state.table.destination(path.id()).isPresent();
    }

    private static ConnectionId destination(ConnectionState state, Path<PacketContent> path) {
        return state.table.destination(path.id()).orElse(state.ids.destination());
    }

    boolean isEmpty() {
        return payload.position() == 0;
    }

    boolean isEliciting() {
        return eliciting;
    }

    int remaining() {
        return payload.remaining();
    }

    /** Whether a frame was written, for which there was room. */
    boolean write(Frame frame) {
        if (FrameEncoder.length(frame) > payload.remaining()) {
            return false;
        }
        FrameEncoder.write(frame, payload);
        content.frames.add(frame);
        eliciting |= frame.type().isAckEliciting();
        return true;
    }

    /** Acknowledges what came in the space, in 1-RTT on the paths that this packet is to acknowledge, if somebody waits. */
    void writeAcks(long nowNanos) {
        if (level == EncryptionLevel.ONE_RTT) {
            for (var acknowledged : state.paths.all()) {
                if (acknowledged == path || state.paths.isAcknowledgedOn(path, acknowledged)) {
                    writeAck(acknowledged.id(), acknowledged.received(), acknowledged.acks(), nowNanos);
                }
            }
        } else if (level != EncryptionLevel.ZERO_RTT) {
            var in = state.spaces.get(space);
            writeAck(0, in.received(), in.acks(), nowNanos);
        }
    }

    private void writeAck(long pathId, ReceivedPackets received, AckSchedule acks, long nowNanos) {
        var ranges = received.ranges();
        if (ranges.isEmpty() || !acks.hasSomethingToAcknowledge()) {
            return;
        }
        long delayNanos = Math.max(0, nowNanos - received.largestReceivedAtNanos());
        long delay = space == EncryptionLevel.ONE_RTT ? delayNanos / NANOS_PER_DELAY_UNIT : 0;
        Optional<EcnCounts> counts =
                received.ecn().equals(EcnCounts.NONE) ? Optional.empty() : Optional.of(received.ecn());
        var ack = space == EncryptionLevel.ONE_RTT && state.paths.several
                ? new AckFrame.PathAck(pathId, ranges.get(), delay, counts)
                : new AckFrame.Ack(ranges.get(), delay, counts);
        if (FrameEncoder.length(ack) <= payload.remaining()) {
            FrameEncoder.write(ack, payload);
            content.acknowledged.add(
                    new PacketContent.Acknowledged(pathId, ranges.get().largest()));
            acks.onAckSent();
        }
    }

    /** Asks for an answer, if nothing in the packet does. */
    void ask() {
        if (!eliciting) {
            boolean atOnce = level == EncryptionLevel.ONE_RTT
                    && state.peer
                            .filter(peer -> peer.minAckDelayMicros().isPresent())
                            .isPresent();
            write(atOnce ? new ConnectionFrame.ImmediateAck() : new ConnectionFrame.Ping());
        }
    }

    /** Writes what can be said on this path only. */
    void writeOwn() {
        path.pending().removeIf(this::write);
    }

    /** Fills what is left with what waits to be sent on this level. */
    void writeData() {
        if (level != EncryptionLevel.ZERO_RTT) {
            state.spaces.get(space).crypto().send(payload).ifPresent(piece -> {
                content.crypto.add(piece);
                eliciting = true;
            });
        }
        if (level == EncryptionLevel.ONE_RTT) {
            state.pending.removeIf(this::write);
        }
        if (space == EncryptionLevel.ONE_RTT) {
            writeDatagrams();
            state.streams.send(payload, content.pieces);
            eliciting |= !content.pieces.isEmpty();
        }
    }

    private void writeDatagrams() {
        var length = state.datagramsOut.nextLength();
        while (length.isPresent()) {
            // Type and length take five bytes at most.
            if (length.get() + 5 > payload.remaining()) {
                if (isEmpty()) {
                    state.datagramsOut.poll(); // the path has become too narrow for it
                }
                return;
            }
            state.datagramsOut.poll().map(ConnectionFrame.Datagram::new).ifPresent(this::write);
            length = state.datagramsOut.nextLength();
        }
    }

    /** Fills up what is left: the datagram has to be large. */
    void pad() {
        if (payload.hasRemaining()) {
            padded = true;
            FrameEncoder.write(new ConnectionFrame.Padding(payload.remaining()), payload);
        }
    }

    /** Seals the packet and has it remembered; returns how many bytes it has. */
    int finish(Ecn mark, Set<Trait> further, long nowNanos) {
        var recovery = path.recovery();
        recovery.numbers(space).take();
        int length = seal(nowNanos);
        var traits = EnumSet.noneOf(Trait.class);
        traits.addAll(further);
        if (further.contains(Trait.OFF_PATH)) {
            traits.add(Trait.ACK_ELICITING); // of what is elsewhere the path's congestion says nothing
        } else if (eliciting) {
            traits.addAll(SentPacket.ORDINARY);
        } else if (padded) {
            traits.add(Trait.IN_FLIGHT);
        }
        if (mark == Ecn.ECT0) {
            traits.add(Trait.ECN_MARKED);
        }
        recovery.onSent(space, new SentPacket<>(number, nowNanos, length, traits, content));
        if (eliciting && !further.contains(Trait.OFF_PATH)) {
            state.idle.onElicitingSent(recovery.probeTimeoutNanos(), nowNanos);
            state.restartKeepAlive(path, nowNanos);
        }
        return length;
    }

    /** Seals the packet without having it remembered: nobody acknowledges that a connection is over. */
    void finishUnremembered(long nowNanos) {
        path.recovery().numbers(space).take();
        seal(nowNanos);
    }

    private int seal(long nowNanos) {
        // How long the packet is is known only once it is sealed, and then nothing in it can be read.
        var frames = state.trace.framesToSend(level, payload);
        int length = state.keys.finish(writer, level);
        state.trace.onSent(level, path.id(), number, length, frames, nowNanos);
        return length;
    }
}
