package io.teahouse.quic;

import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.ReceivedPackets;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;

/**
 * Takes datagrams in: finds the packets that are ours, opens them, and hands on their frames.
 *
 * <p>Not thread-safe. Bounded: {@link #MAX_EARLY} packets wait for their keys.
 */
final class Receiver {
    /** How many packets are kept that came before their keys: a flight of the peer's. */
    static final int MAX_EARLY = 10;

    private static final int PROBE_TIMEOUTS_FOR_OLD_KEYS = 3;

    /** Where packets come from, and how their datagram was. */
    private record Origin(NetworkPath network, Ecn mark, int size) {}

    private record Early(ByteBuffer packet, EncryptionLevel level, Origin origin) {}

    private final ConnectionState state;
    private final FrameHandler frames;
    private final Queue<Early> early = new ArrayDeque<>();

    Receiver(ConnectionState state, HandshakeDriver handshake) {
        this.state = state;
        this.frames = new FrameHandler(state, handshake);
    }

    void receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        if (!isFromPeer(from)) {
            return;
        }
        int size = datagram.remaining();
        for (var path : state.paths.all()) {
            if (path.network().matches(from)) {
                path.amplification().onReceived(size);
            }
        }
        try {
            boolean genuine = receivePackets(datagram, new Origin(from, mark, size), nowNanos);
            // Nothing has changed the last 16 bytes of what did not open: they were taken for its tag.
            if (!genuine
                    && UnsealedPackets.resetToken(datagram)
                            .filter(state.table::hasToken)
                            .isPresent()) {
                state.onGone(new CloseCause.Reset(), nowNanos);
            }
            receiveEarly(nowNanos);
        } catch (TransportException breach) {
            state.close(breach, nowNanos);
        }
    }

    /**
     * Whether a datagram may be for us at all. In the handshake a server hears its client where it began, a client whoever
     * answers first; later a client hears its server where it has gone to, and wherever the two may have agreed to look for
     * each other.
     */
    private boolean isFromPeer(NetworkPath from) {
        if (state.role == Role.SERVER) {
            return state.confirmed || from.matches(state.paths.initial().network());
        }
        if (state.search.isOn() || (state.confirmed && state.traversal.isAgreedOn())) {
            return true;
        }
        for (var path : state.paths.all()) {
            if (path.network().remote().equals(from.remote())) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the packets was genuine. */
    @SuppressWarnings("ByteBufferBackingArray") // packets say where they are in the array, not in the buffer
    private boolean receivePackets(ByteBuffer datagram, Origin origin, long nowNanos) throws TransportException {
        var reader = new DatagramReader(datagram, state.ids.own().length(), state.config.fixedBitMayBeZero());
        boolean genuine = false;
        for (var packet = reader.next(); packet.isPresent(); packet = reader.next()) {
            switch (packet.get()) {
                case ReceivedPacket.Sealed sealed -> genuine |= receive(datagram.array(), sealed, origin, nowNanos);
                case ReceivedPacket.Retry retry -> onRetry(retry);
                case ReceivedPacket.VersionNegotiation negotiation -> {
                    if (state.ids.onVersionNegotiation(negotiation)) {
                        state.onGone(new CloseCause.VersionUnknown(), nowNanos);
                    }
                }
                case ReceivedPacket.OtherVersion _, ReceivedPacket.Malformed _ -> {}
            }
        }
        return genuine;
    }

    private void onRetry(ReceivedPacket.Retry retry) {
        if (state.ids.onRetry(retry)) {
            state.keys.installInitial(state.ids.initialKeys());
            state.onLost(state.paths.initial().recovery().takeAll());
            state.spaces.get(EncryptionLevel.INITIAL).crypto().onRetry();
        }
    }

    private void receiveEarly(long nowNanos) throws TransportException {
        for (int count = early.size(); count > 0 && state.isOpen(); count--) {
            var next = early.remove();
            if (canOpen(next.level())) {
                receivePackets(next.packet(), next.origin(), nowNanos);
            } else if (mayStillCome(next.level())) {
                early.add(next);
            }
        }
    }

    private boolean canOpen(EncryptionLevel level) {
        // What a client says in 1-RTT packets does not count before it has shown who it is.
        return state.keys.canOpen(level) && (level != EncryptionLevel.ONE_RTT || state.connected);
    }

    private boolean mayStillCome(EncryptionLevel level) {
        return !state.connected && level != EncryptionLevel.INITIAL;
    }

    private boolean receive(byte[] buffer, ReceivedPacket.Sealed packet, Origin origin, long nowNanos)
            throws TransportException {
        var level = packet.type().level();
        boolean tooSmall = level == EncryptionLevel.INITIAL
                && state.role == Role.SERVER
                && origin.size() < MtuDiscovery.BASE_BYTES;
        var pathId = pathOf(packet);
        if (pathId.isEmpty() || tooSmall) {
            return false;
        }
        if (!canOpen(level)) {
            if (mayStillCome(level) && early.size() < MAX_EARLY) {
                var copy = ByteBuffer.allocate(packet.end() - packet.start())
                        .put(buffer, packet.start(), packet.end() - packet.start());
                early.add(new Early(copy.flip(), level, origin));
            }
            return false;
        }
        var known = state.paths.find(pathId.getAsLong());
        if (known.isEmpty() && !mayBeOpened(pathId.getAsLong())) {
            return false;
        }
        long largest = known.map(path -> received(path, level).largest()).orElse(PacketNumber.NONE);
        long keepNanos = PROBE_TIMEOUTS_FOR_OLD_KEYS * state.paths.probeTimeoutNanos();
        var result = state.keys.open(buffer, packet, pathId.getAsLong(), largest, nowNanos, keepNanos);
        if (!(result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload))) {
            return false;
        }
        boolean ofPeer = packet.source().map(state.ids::onGenuine).orElse(true);
        if (!ofPeer
                || known.filter(path -> !received(path, level).isNew(number)).isPresent()) {
            return true;
        }
        var path = known.orElseGet(
                () -> state.control.onPeerOpened(pathId.getAsLong(), origin.network(), origin.size(), nowNanos));
        state.trace.onReceived(level, path.id(), number, packet.end() - packet.start(), payload, nowNanos);
        onOpened(packet.type(), path, origin, nowNanos);
        boolean newest = number > largest;
        var summary = handleFrames(level, payload, path, origin, nowNanos);
        if (level == EncryptionLevel.ONE_RTT || state.spaces.find(level).isPresent()) {
            acks(path, level).onReceiving(number, summary.eliciting(), origin.mark(), nowNanos);
            received(path, level).onReceived(number, origin.mark(), nowNanos);
        }
        if (newest && summary.beyondProbing() && level == EncryptionLevel.ONE_RTT) {
            followAddress(path, origin, nowNanos);
        }
        return true;
    }

    /** The path that a packet is for; empty if it is none of ours. */
    private OptionalLong pathOf(ReceivedPacket.Sealed packet) {
        var pathId = state.table.pathOf(packet.destination());
        if (packet.source().isEmpty()) {
            return pathId;
        }
        // Long headers have no paths.
        boolean firstOfClient =
                state.role == Role.SERVER && packet.destination().equals(state.ids.initialKeys());
        boolean ours = firstOfClient || (pathId.isPresent() && pathId.getAsLong() == 0);
        return ours ? OptionalLong.of(0) : OptionalLong.empty();
    }

    /** Only clients open paths, with numbers that were never used. */
    private boolean mayBeOpened(long pathId) {
        var numbers = state.paths.numbers;
        return state.role == Role.SERVER
                && state.paths.several
                && state.confirmed
                && state.isOpen()
                && pathId <= numbers.usableMax()
                && !numbers.isAbandoned(pathId);
    }

    private ReceivedPackets received(Path<PacketContent> path, EncryptionLevel level) {
        return Spaces.of(level) == EncryptionLevel.ONE_RTT
                ? path.received()
                : state.spaces.get(level).received();
    }

    private AckSchedule acks(Path<PacketContent> path, EncryptionLevel level) {
        return Spaces.of(level) == EncryptionLevel.ONE_RTT
                ? path.acks()
                : state.spaces.get(level).acks();
    }

    private void onOpened(PacketType type, Path<PacketContent> path, Origin origin, long nowNanos) {
        path.onReceived(nowNanos);
        state.idle.onReceived(state.paths.probeTimeoutNanos(), nowNanos);
        state.restartKeepAlive(path, nowNanos);
        state.closing.onPacket();
        state.search.onAnswer(type, origin.network(), state.paths.initial());
        if (state.role == Role.SERVER && type == PacketType.HANDSHAKE) {
            state.discard(EncryptionLevel.INITIAL);
            state.paths.initial().onValidated();
        }
        if (state.role == Role.SERVER && type == PacketType.ONE_RTT) {
            state.keys.discard(EncryptionLevel.ZERO_RTT);
        }
        state.control.onHeard(nowNanos);
    }

    /** What the frames of a packet were, all together. */
    private record Summary(boolean eliciting, boolean beyondProbing) {}

    private Summary handleFrames(
            EncryptionLevel level, ByteBuffer payload, Path<PacketContent> path, Origin origin, long nowNanos)
            throws TransportException {
        var rules = state.rules(level);
        boolean eliciting = false;
        boolean beyondProbing = false;
        FrameDecoder.requireFrames(payload);
        while (payload.hasRemaining() && state.closing.state() != ClosingState.State.CLOSED) {
            Frame frame = FrameDecoder.decode(payload, rules);
            eliciting |= frame.type().isAckEliciting();
            beyondProbing |= !FrameHandler.isProbing(frame);
            frames.handle(frame, level, path, origin.network(), nowNanos);
        }
        return new Summary(eliciting, beyondProbing);
    }

    private void followAddress(Path<PacketContent> path, Origin origin, long nowNanos) {
        boolean moved = state.role == Role.SERVER
                && state.confirmed
                && state.isOpen()
                && !path.isAbandoned()
                && path.mayMove()
                && !origin.network().matches(path.network());
        if (moved) {
            state.control.onMoved(path, origin.network(), origin.size(), nowNanos);
        }
    }
}
