package io.teahouse.quic;

import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Makes datagrams of what waits to be sent, one after the other, until there is nothing or it may not go.
 *
 * <p>Not thread-safe. Bounded: a client's datagrams of the handshake wait, one for each address where the server may be, before
 * the next one is made.
 */
final class Sender {
    private static final List<EncryptionLevel> LEVELS = List.of(EncryptionLevel.values());
    /** Those that there are once the handshake is over. */
    private static final List<EncryptionLevel> AFTERWARDS = List.of(EncryptionLevel.ONE_RTT);

    /** When so many packets may still be sealed with a key, the next key is taken. */
    private static final long UPDATE_BEFORE = 1 << 16;

    private final ConnectionState state;
    private final PathPackets pathPackets;
    private final Farewell farewell;
    /** Copies of the last datagram for the other addresses where the server may be. */
    private final Queue<OutgoingDatagram> copies = new ArrayDeque<>();

    Sender(ConnectionState state) {
        this.state = state;
        this.pathPackets = new PathPackets(state);
        this.farewell = new Farewell(state);
    }

    Optional<OutgoingDatagram> next(long nowNanos) {
        if (!copies.isEmpty()) {
            return Optional.of(copies.remove());
        }
        if (!state.isOpen()) {
            return close(nowNanos);
        }
        updateKeys(nowNanos);
        collectFrames();
        var special = pathPackets.next(nowNanos);
        if (special.isPresent()) {
            return special;
        }
        var forData = state.paths.forData();
        for (var path : state.paths.all()) {
            if (!path.isAbandoned()) {
                var next = coalesced(path, forData.isPresent() && forData.get() == path, nowNanos);
                if (next.isPresent()) {
                    return next;
                }
            }
        }
        return forData.isEmpty() ? lastWords(nowNanos) : Optional.empty();
    }

    /** Whether there is something that only the pace keeps from being sent, and until when it does. */
    long paceNanos(long nowNanos) {
        var path = state.paths.forData();
        if (path.isEmpty() || pathPackets.room(path.get()) == 0) {
            return Long.MAX_VALUE;
        }
        var recovery = path.get().recovery();
        boolean waits = recovery.allows(path.get().mtu().mtuBytes()) && hasData(path.get());
        return waits ? recovery.nextSendNanos(nowNanos) : Long.MAX_VALUE;
    }

    private List<EncryptionLevel> levels() {
        return state.confirmed ? AFTERWARDS : LEVELS;
    }

    private boolean hasData(Path<PacketContent> path) {
        for (var level : levels()) {
            if (hasData(path, level)) {
                return true;
            }
        }
        return false;
    }

    /** How many bytes a datagram on a path may have now, 0 if none may go. */
    int room(Path<PacketContent> path) {
        return pathPackets.room(path);
    }

    long deadlineNanos() {
        return pathPackets.deadlineNanos();
    }

    private void updateKeys(long nowNanos) {
        state.keys.oneRtt().ifPresent(keys -> {
            if (state.confirmed && keys.remainingToSeal() < UPDATE_BEFORE && keys.mayUpdate(nowNanos)) {
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
        for (var retired = state.table.pollRetirement(); retired.isPresent(); retired = state.table.pollRetirement()) {
            state.pending.add(
                    state.paths.several
                            ? new PathFrame.PathRetireConnectionId(
                                    retired.get().pathId(), retired.get().sequence())
                            : new PathFrame.RetireConnectionId(retired.get().sequence()));
        }
    }

    // What is to be said, in as few datagrams as possible.

    private Optional<OutgoingDatagram> coalesced(Path<PacketContent> path, boolean isForData, long nowNanos) {
        int room = room(path);
        if (room == 0) {
            return Optional.empty();
        }
        var recovery = path.recovery();
        // When nobody answers, large datagrams may be what does not get through any more.
        boolean large = state.confirmed && !path.probes().isAnyDue();
        int limit = Math.min(room, large ? path.mtu().mtuBytes() : MtuDiscovery.BASE_BYTES);
        boolean mayCarry = isForData && recovery.allows(limit) && recovery.nextSendNanos(nowNanos) <= nowNanos;
        var mark = recovery.mark();
        ByteBuffer datagram = null;
        boolean mustBeLarge = false;
        for (EncryptionLevel level : levels()) {
            if (!isOf(path, level) || (!wants(path, level, mayCarry, nowNanos) && !mustBeLarge)) {
                continue;
            }
            if (datagram == null) {
                datagram = ByteBuffer.allocate(limit);
            }
            var begun = PacketBuilder.begin(state, path, level, datagram);
            if (begun.isEmpty()) {
                break;
            }
            var packet = begun.get();
            fill(path, packet, level, mayCarry, isForData, nowNanos);
            mustBeLarge |= level == EncryptionLevel.INITIAL
                    && !packet.isEmpty()
                    && (state.role == Role.CLIENT || packet.isEliciting());
            if (mustBeLarge && !anotherFollows(path, packet, level, mayCarry, nowNanos)) {
                packet.pad();
                mustBeLarge = false;
            }
            if (!packet.isEmpty()) {
                packet.finish(mark, Set.of(), nowNanos);
                onSentOn(level);
            }
        }
        return datagram == null || datagram.position() == 0
                ? Optional.empty()
                : Optional.of(sent(datagram.flip(), path, mark));
    }

    private void fill(
            Path<PacketContent> path,
            PacketBuilder packet,
            EncryptionLevel level,
            boolean mayCarry,
            boolean isForData,
            long nowNanos) {
        boolean asks = path.probes().isDue(level);
        packet.writeAcks(nowNanos);
        if (level == EncryptionLevel.ONE_RTT) {
            packet.writeOwn();
        }
        if (mayCarry || (asks && isForData)) {
            packet.writeData();
        }
        if (asks) {
            packet.ask();
            path.probes().onSent(level);
        }
    }

    /** Whether a packet of a later level will fill the datagram, if this one does not. */
    private boolean anotherFollows(
            Path<PacketContent> path, PacketBuilder packet, EncryptionLevel level, boolean mayCarry, long nowNanos) {
        for (EncryptionLevel later : LEVELS.subList(LEVELS.indexOf(level) + 1, LEVELS.size())) {
            if (wants(path, later, mayCarry, nowNanos)) {
                return packet.remaining() > 2 * PacketBuilder.overhead(state, path, later) + 100;
            }
        }
        return false;
    }

    /** Packets of the handshake are of the path that a connection begins with. */
    private boolean isOf(Path<PacketContent> path, EncryptionLevel level) {
        return state.keys.canSeal(level) && (level == EncryptionLevel.ONE_RTT || path == state.paths.initial());
    }

    private boolean wants(Path<PacketContent> path, EncryptionLevel level, boolean mayCarry, long nowNanos) {
        if (!isOf(path, level)) {
            return false;
        }
        return path.probes().isDue(level)
                || (mayCarry && hasData(path, level))
                || (level == EncryptionLevel.ONE_RTT
                        ? ackIsDueOn(path, nowNanos)
                                || (path.isUsable() && !path.pending().isEmpty() && !handshakeDataComesFirst())
                        : level != EncryptionLevel.ZERO_RTT
                                && state.spaces.get(level).acks().isDue(nowNanos));
    }

    private boolean ackIsDueOn(Path<PacketContent> path, long nowNanos) {
        for (var acknowledged : state.paths.all()) {
            if (acknowledged.acks().isDue(nowNanos) && state.paths.isAcknowledgedOn(path, acknowledged)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasData(Path<PacketContent> path, EncryptionLevel level) {
        if (!isOf(path, level)) {
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
                                || !path.pending().isEmpty()
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

    private OutgoingDatagram sent(ByteBuffer datagram, Path<PacketContent> path, Ecn mark) {
        path.amplification().onSent(datagram.remaining());
        for (var network : state.search.addresses()) {
            if (!network.equals(path.network())) {
                copies.add(new OutgoingDatagram(datagram.duplicate(), network, path.id(), mark));
            }
        }
        return new OutgoingDatagram(datagram, path.network(), path.id(), mark);
    }

    // The end.

    /** There is no path any more; the peer is told so where it was the last one. */
    private Optional<OutgoingDatagram> lastWords(long nowNanos) {
        var words = state.pending.stream()
                .filter(PathFrame.PathAbandon.class::isInstance)
                .toList();
        var last = state.paths.all().stream()
                .filter(path -> path.isAbandoned() && PacketBuilder.canReach(state, path))
                .reduce((_, later) -> later);
        if (words.isEmpty() || last.isEmpty() || room(last.get()) == 0) {
            return Optional.empty();
        }
        var datagram = ByteBuffer.allocate(MtuDiscovery.BASE_BYTES);
        return PacketBuilder.begin(state, last.get(), EncryptionLevel.ONE_RTT, datagram)
                .map(packet -> {
                    state.pending.removeIf(frame -> words.contains(frame) && packet.write(frame));
                    packet.finish(Ecn.NOT_ECT, Set.of(), nowNanos);
                    return sent(datagram.flip(), last.get(), Ecn.NOT_ECT);
                });
    }

    private Optional<OutgoingDatagram> close(long nowNanos) {
        var path = state.paths.forData().orElse(state.paths.initial());
        return path.amplification().allows(MtuDiscovery.BASE_BYTES)
                ? state.closing.pollFrame().map(frame -> sent(farewell.say(frame, path, nowNanos), path, Ecn.NOT_ECT))
                : Optional.empty();
    }
}
