package io.teahouse.quic;

import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.path.RemoteIds;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
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
    private final EncryptionLevel level;
    private final EncryptionLevel space;
    private final long number;
    private final PacketWriter writer;
    private final ByteBuffer payload;
    private final PacketContent content;
    private boolean eliciting;
    private boolean padded;

    private PacketBuilder(ConnectionState state, EncryptionLevel level, long number, PacketWriter writer) {
        this.state = state;
        this.level = level;
        this.space = Spaces.of(level);
        this.number = number;
        this.writer = writer;
        this.payload = writer.payload();
        this.content = new PacketContent(space);
    }

    /** Begins a packet in what is left of a datagram; empty if that is too little. */
    static Optional<PacketBuilder> begin(ConnectionState state, EncryptionLevel level, ByteBuffer datagram) {
        if (datagram.remaining() < overhead(state, level) + MIN_PAYLOAD) {
            return Optional.empty();
        }
        var recovery = state.path.recovery();
        var space = Spaces.of(level);
        long number = recovery.numbers(space).peek();
        int numberLength = PacketNumber.length(number, recovery.largestAcknowledged(space));
        var writer = level == EncryptionLevel.ONE_RTT
                ? state.keys.beginOneRtt(datagram, destination(state), false, 0, number, numberLength)
                : PacketWriter.longHeader(
                        datagram,
                        PacketType.of(level),
                        state.ids.destination(),
                        state.ids.own(),
                        token(state, level),
                        number,
                        numberLength);
        return Optional.of(new PacketBuilder(state, level, number, writer));
    }

    /** Fewer bytes than this are not worth a packet. */
    private static final int MIN_PAYLOAD = 32;

    /** How many bytes a packet takes beside its payload, at most. */
    static int overhead(ConnectionState state, EncryptionLevel level) {
        return level == EncryptionLevel.ONE_RTT
                ? PacketWriter.shortOverhead(destination(state).length(), PacketNumber.MAX_LENGTH)
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

    private static ConnectionId destination(ConnectionState state) {
        return state.remoteIds.current().map(RemoteIds.Known::id).orElse(state.ids.destination());
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

    /** Acknowledges what came in the space, if somebody waits for that. */
    void writeAck(long nowNanos) {
        var in = state.spaces.get(space);
        var ranges = in.received().ranges();
        if (level == EncryptionLevel.ZERO_RTT || ranges.isEmpty() || !in.acks().hasSomethingToAcknowledge()) {
            return;
        }
        long delayNanos = Math.max(0, nowNanos - in.received().largestReceivedAtNanos());
        var counts = in.received().ecn();
        var ack = new AckFrame.Ack(
                ranges.get(),
                space == EncryptionLevel.ONE_RTT ? delayNanos / NANOS_PER_DELAY_UNIT : 0,
                counts.equals(EcnCounts.NONE) ? Optional.empty() : Optional.of(counts));
        if (FrameEncoder.length(ack) <= payload.remaining()) {
            FrameEncoder.write(ack, payload);
            content.acknowledged = OptionalLong.of(ranges.get().largest());
            in.acks().onAckSent();
        }
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
        var recovery = state.path.recovery();
        recovery.numbers(space).take();
        int length = seal(nowNanos);
        var traits = EnumSet.noneOf(Trait.class);
        if (eliciting) {
            traits.addAll(SentPacket.ORDINARY);
            traits.addAll(further);
        } else if (padded) {
            traits.add(Trait.IN_FLIGHT);
        }
        if (mark == Ecn.ECT0) {
            traits.add(Trait.ECN_MARKED);
        }
        recovery.onSent(space, new SentPacket<>(number, nowNanos, length, traits, content));
        if (eliciting) {
            state.idle.onElicitingSent(recovery.probeTimeoutNanos(), nowNanos);
            state.restartKeepAlive(nowNanos);
        }
        return length;
    }

    /** Seals the packet without having it remembered: nobody acknowledges that a connection is over. */
    void finishUnremembered(long nowNanos) {
        state.path.recovery().numbers(space).take();
        seal(nowNanos);
    }

    private int seal(long nowNanos) {
        // How long the packet is is known only once it is sealed, and then nothing in it can be read.
        var frames = state.trace.framesToSend(level, payload);
        int length = state.keys.finish(writer, level);
        state.trace.onSent(level, state.path.id(), number, length, frames, nowNanos);
        return length;
    }
}
