package io.teahouse.quic;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes datagrams of what waits to be sent, one after the other, until there is nothing or it may not go. */
final class Sender {
    private static final List<EncryptionLevel> LEVELS = List.of(EncryptionLevel.values());

    /** When so many packets may still be sealed with a key, the next key is taken. */
    private static final long UPDATE_BEFORE = 1 << 16;

    private final ConnectionState state;

    Sender(ConnectionState state) {
        this.state = state;
    }

    Optional<OutgoingDatagram> next(long nowNanos) {
        if (!state.isOpen()) {
            return mayAnswer() ? state.closing.pollFrame().map(this::close) : Optional.empty();
        }
        updateKeys(nowNanos);
        collectFrames();
        return response(nowNanos)
                .or(() -> challenge(nowNanos))
                .or(() -> mtuProbe(nowNanos))
                .or(() -> coalesced(nowNanos));
    }

    /** Whether there is something that only the pace keeps from being sent. */
    boolean waitsForPace() {
        return mayAnswer()
                && state.path.recovery().allows(state.path.mtu().mtuBytes())
                && LEVELS.stream().anyMatch(this::hasData);
    }

    boolean mayAnswer() {
        return state.path.amplification().allows(MtuDiscovery.BASE_BYTES);
    }

    private void updateKeys(long nowNanos) {
        state.keys.oneRtt().ifPresent(keys -> {
            if (keys.remainingToSeal() < UPDATE_BEFORE && keys.mayUpdate(nowNanos)) {
                keys.update(nowNanos);
            } else if (keys.remainingToSeal() <= 1) {
                state.close(
                        new TransportException(TransportError.AEAD_LIMIT_REACHED, "keys: used up (expected: renewed)"),
                        nowNanos);
            }
        });
    }

    /** Frames that others have; each is polled at most once for what it is about. */
    private void collectFrames() {
        for (var frame = state.streams.pollFrame(); frame.isPresent(); frame = state.streams.pollFrame()) {
            state.pending.add(frame.get());
        }
        for (var retired = state.remoteIds.pollRetirement();
                retired.isPresent();
                retired = state.remoteIds.pollRetirement()) {
            state.pending.add(new PathFrame.RetireConnectionId(retired.getAsLong()));
        }
    }

    // Datagrams for a purpose of their own.

    private Optional<OutgoingDatagram> response(long nowNanos) {
        if (!state.keys.canSeal(EncryptionLevel.ONE_RTT)) {
            return Optional.empty();
        }
        return state.path.responses().poll().flatMap(owed -> {
            boolean onPath = owed.address().matches(state.path.network());
            // Elsewhere no larger than the question was at least: the address is only the peer's word.
            boolean large = onPath && mayAnswer();
            var traits = onPath ? EnumSet.noneOf(Trait.class) : EnumSet.of(Trait.OFF_PATH);
            return single(
                    new PathFrame.PathResponse(owed.data()),
                    large ? MtuDiscovery.BASE_BYTES : 0,
                    owed.address(),
                    traits,
                    nowNanos);
        });
    }

    private Optional<OutgoingDatagram> challenge(long nowNanos) {
        var challenges = state.path.challenges();
        if (challenges.deadlineNanos() > nowNanos || !mayAnswer()) {
            return Optional.empty();
        }
        long data = state.random.nextLong();
        challenges.onSent(data, state.path.recovery().probeTimeoutNanos(), nowNanos);
        return single(
                new PathFrame.PathChallenge(data),
                MtuDiscovery.BASE_BYTES,
                state.path.network(),
                EnumSet.noneOf(Trait.class),
                nowNanos);
    }

    private Optional<OutgoingDatagram> mtuProbe(long nowNanos) {
        var size = state.path.mtu().probeDue(nowNanos);
        if (!state.confirmed || !state.path.isUsable() || size.isEmpty()) {
            return Optional.empty();
        }
        return single(
                new ConnectionFrame.Ping(),
                size.getAsInt(),
                state.path.network(),
                EnumSet.of(Trait.MTU_PROBE),
                nowNanos);
    }

    /** A datagram with one 1-RTT packet with one frame, so large or as small as that is. */
    private Optional<OutgoingDatagram> single(
            Frame frame, int size, NetworkPath network, Set<Trait> traits, long nowNanos) {
        var datagram = ByteBuffer.allocate(Math.max(size, 100));
        return PacketBuilder.begin(state, EncryptionLevel.ONE_RTT, datagram).map(packet -> {
            packet.write(frame);
            if (size > 0) {
                packet.pad();
            }
            // Whether marks arrive is found out with ordinary packets.
            packet.finish(Ecn.NOT_ECT, traits, nowNanos);
            return sent(datagram, network, Ecn.NOT_ECT);
        });
    }

    // What is to be said otherwise, in as few datagrams as possible.

    private Optional<OutgoingDatagram> coalesced(long nowNanos) {
        if (!mayAnswer()) {
            return Optional.empty();
        }
        var recovery = state.path.recovery();
        int limit = state.confirmed ? state.path.mtu().mtuBytes() : MtuDiscovery.BASE_BYTES;
        boolean mayCarry = recovery.allows(limit) && recovery.nextSendNanos(nowNanos) <= nowNanos;
        var mark = recovery.mark();
        var datagram = ByteBuffer.allocate(limit);
        boolean mustBeLarge = false;
        for (EncryptionLevel level : LEVELS) {
            if (!wants(level, mayCarry, nowNanos) && !mustBeLarge) {
                continue;
            }
            if (!state.keys.canSeal(level)) {
                continue;
            }
            var begun = PacketBuilder.begin(state, level, datagram);
            if (begun.isEmpty()) {
                break;
            }
            var packet = begun.get();
            fill(packet, level, mayCarry, nowNanos);
            mustBeLarge |= level == EncryptionLevel.INITIAL
                    && !packet.isEmpty()
                    && (state.role == Role.CLIENT || packet.isEliciting());
            if (mustBeLarge && !anotherFollows(packet, level, mayCarry, nowNanos)) {
                packet.pad();
                mustBeLarge = false;
            }
            if (!packet.isEmpty()) {
                packet.finish(mark, Set.of(), nowNanos);
                onSentOn(level);
            }
        }
        return datagram.position() == 0 ? Optional.empty() : Optional.of(sent(datagram, state.path.network(), mark));
    }

    private void fill(PacketBuilder packet, EncryptionLevel level, boolean mayCarry, long nowNanos) {
        int probes = state.probes.getOrDefault(level, 0);
        packet.writeAck(nowNanos);
        if (mayCarry || probes > 0) {
            packet.writeData();
        }
        if (probes > 0) {
            if (!packet.isEliciting()) {
                packet.write(new ConnectionFrame.Ping());
            }
            state.probes.put(level, probes - 1);
        }
    }

    /** Whether a packet of a later level will fill the datagram, if this one does not. */
    private boolean anotherFollows(PacketBuilder packet, EncryptionLevel level, boolean mayCarry, long nowNanos) {
        for (EncryptionLevel later : after(level)) {
            if (state.keys.canSeal(later) && wants(later, mayCarry, nowNanos)) {
                return packet.remaining() > 2 * PacketBuilder.overhead(state, later) + 100;
            }
        }
        return false;
    }

    private static List<EncryptionLevel> after(EncryptionLevel level) {
        return LEVELS.subList(LEVELS.indexOf(level) + 1, LEVELS.size());
    }

    private boolean wants(EncryptionLevel level, boolean mayCarry, long nowNanos) {
        if (!state.keys.canSeal(level)) {
            return false;
        }
        boolean ackIsDue = level != EncryptionLevel.ZERO_RTT
                && state.spaces.get(level).acks().isDue(nowNanos);
        return ackIsDue || state.probes.getOrDefault(level, 0) > 0 || (mayCarry && hasData(level));
    }

    private boolean hasData(EncryptionLevel level) {
        if (!state.keys.canSeal(level)) {
            return false;
        }
        boolean ofApplication =
                state.streams.hasDataToSend() || state.datagramsOut.nextLength().isPresent();
        return switch (level) {
            case INITIAL, HANDSHAKE -> state.spaces.get(level).crypto().hasSomethingToSend();
            case ZERO_RTT -> ofApplication && !state.keys.canSeal(EncryptionLevel.ONE_RTT);
            case ONE_RTT ->
                !handshakeDataComesFirst()
                        && (ofApplication
                                || !state.pending.isEmpty()
                                || state.spaces.get(level).crypto().hasSomethingToSend());
        };
    }

    /** A client cannot read 1-RTT packets before it has all handshake data, and iroh's does not keep them until then. */
    private boolean handshakeDataComesFirst() {
        return !state.connected
                && state.spaces
                        .find(EncryptionLevel.HANDSHAKE)
                        .filter(space -> space.crypto().hasSomethingToSend())
                        .isPresent();
    }

    private void onSentOn(EncryptionLevel level) {
        if (state.role == Role.CLIENT && level == EncryptionLevel.HANDSHAKE) {
            state.discard(EncryptionLevel.INITIAL);
        }
    }

    private OutgoingDatagram sent(ByteBuffer datagram, NetworkPath network, Ecn mark) {
        datagram.flip();
        if (network.matches(state.path.network())) {
            state.path.amplification().onSent(datagram.remaining());
        }
        return new OutgoingDatagram(datagram, network, state.path.id(), mark);
    }

    // The end.

    /** Tells the peer on every level that it may have keys for. */
    private OutgoingDatagram close(ConnectionFrame close) {
        var datagram = ByteBuffer.allocate(MtuDiscovery.BASE_BYTES);
        for (EncryptionLevel level : LEVELS) {
            if (!mayCloseOn(level)) {
                continue;
            }
            PacketBuilder.begin(state, level, datagram).ifPresent(packet -> {
                packet.write(level == EncryptionLevel.ONE_RTT ? close : disguised(close));
                boolean last = after(level).stream().noneMatch(this::mayCloseOn);
                if (last && state.keys.canSeal(EncryptionLevel.INITIAL)) {
                    packet.pad();
                }
                packet.finishUnremembered();
            });
        }
        return sent(datagram, state.path.network(), Ecn.NOT_ECT);
    }

    /** A server's 1-RTT packets can be read by who has not yet shown who it is. */
    private boolean mayCloseOn(EncryptionLevel level) {
        boolean tooEarly = level == EncryptionLevel.ONE_RTT && state.role == Role.SERVER && !state.connected;
        return level != EncryptionLevel.ZERO_RTT && state.keys.canSeal(level) && !tooEarly;
    }

    /** What the application says is told in packets that only the peer can read. */
    private static ConnectionFrame disguised(ConnectionFrame close) {
        return close instanceof ConnectionFrame.ApplicationClose
                ? new ConnectionFrame.TransportClose(
                        TransportError.APPLICATION_ERROR.code(), 0, ConnectionState.utf8(""))
                : close;
    }
}
