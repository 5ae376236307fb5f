package io.teahouse.quic;

import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;

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
        // Before anything is opened: a packet that does not open is destroyed.
        var token = UnsealedPackets.resetToken(datagram);
        if (from.matches(state.path.network())) {
            state.path.amplification().onReceived(datagram.remaining());
        }
        try {
            var origin = new Origin(from, mark, datagram.remaining());
            boolean genuine = receivePackets(datagram, origin, nowNanos);
            if (!genuine && token.filter(state.remoteIds::hasToken).isPresent()) {
                state.onGone(new CloseCause.Reset());
            }
            receiveEarly(nowNanos);
        } catch (TransportException breach) {
            state.close(breach, nowNanos);
        }
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
                        state.onGone(new CloseCause.VersionUnknown());
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
            state.onLost(state.path.recovery().takeAll());
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
        if (!isForUs(packet) || tooSmall) {
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
        var space = state.spaces.get(level);
        long keepNanos = PROBE_TIMEOUTS_FOR_OLD_KEYS * state.path.recovery().probeTimeoutNanos();
        var result = state.keys.open(buffer, packet, 0, space.received().largest(), nowNanos, keepNanos);
        if (!(result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload))) {
            return false;
        }
        boolean ofPeer = packet.source().map(state.ids::onGenuine).orElse(true);
        if (!ofPeer || !space.received().isNew(number)) {
            return true;
        }
        onOpened(packet.type(), nowNanos);
        boolean newest = number > space.received().largest();
        var summary = handleFrames(level, payload, origin, nowNanos);
        if (state.spaces.find(level).isPresent()) {
            space.acks().onReceiving(number, summary.eliciting(), origin.mark(), nowNanos);
            space.received().onReceived(number, origin.mark(), nowNanos);
        }
        if (newest && summary.beyondProbing()) {
            followAddress(level, origin, nowNanos);
        }
        return true;
    }

    private boolean isForUs(ReceivedPacket.Sealed packet) {
        boolean firstOfClient = state.role == Role.SERVER
                && packet.source().isPresent()
                && packet.destination().equals(state.ids.initialKeys());
        return firstOfClient || state.localIds.active().contains(packet.destination());
    }

    private void onOpened(PacketType type, long nowNanos) {
        state.path.onReceived(nowNanos);
        state.idle.onReceived(state.path.recovery().probeTimeoutNanos(), nowNanos);
        state.restartKeepAlive(nowNanos);
        state.closing.onPacket();
        if (state.role == Role.SERVER && type == PacketType.HANDSHAKE) {
            state.discard(EncryptionLevel.INITIAL);
            state.path.onValidated();
        }
        if (state.role == Role.SERVER && type == PacketType.ONE_RTT) {
            state.keys.discard(EncryptionLevel.ZERO_RTT);
        }
    }

    /** What the frames of a packet were, all together. */
    private record Summary(boolean eliciting, boolean beyondProbing) {}

    private Summary handleFrames(EncryptionLevel level, ByteBuffer payload, Origin origin, long nowNanos)
            throws TransportException {
        var rules = new FrameRules(level, state.role.peer(), extensions());
        boolean eliciting = false;
        boolean beyondProbing = false;
        FrameDecoder.requireFrames(payload);
        while (payload.hasRemaining() && state.closing.state() != ClosingState.State.CLOSED) {
            Frame frame = FrameDecoder.decode(payload, rules);
            eliciting |= frame.type().isAckEliciting();
            beyondProbing |= !FrameHandler.isProbing(frame);
            frames.handle(frame, level, origin.network(), nowNanos);
        }
        return new Summary(eliciting, beyondProbing);
    }

    private Set<Extension> extensions() {
        var extensions = EnumSet.of(Extension.ACK_FREQUENCY);
        if (state.config.datagramBytes() > 0) {
            extensions.add(Extension.DATAGRAM);
        }
        var own = state.config.addressDiscovery();
        var peers = state.peer.flatMap(TransportParameters::addressDiscovery);
        if (own.isPresent() && peers.filter(part -> part.reportsTo(own.get())).isPresent()) {
            extensions.add(Extension.ADDRESS_DISCOVERY);
        }
        return extensions;
    }

    /** A client whose address has changed is answered there, a little, until it has proven it. */
    private void followAddress(EncryptionLevel level, Origin origin, long nowNanos) {
        boolean moved = state.role == Role.SERVER
                && state.confirmed
                && level == EncryptionLevel.ONE_RTT
                && state.isOpen()
                && !origin.network().matches(state.path.network());
        if (moved) {
            state.path.onMigrated(origin.network(), nowNanos);
            state.path.recovery().onNewAddress(new Cubic(MtuDiscovery.BASE_BYTES), nowNanos);
            state.path.amplification().onReceived(origin.size());
            state.reportAddress();
        }
    }
}
