package io.teahouse.quic;

import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.IdleTimer;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.stream.Streams;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.random.RandomGenerator;

/**
 * What the parts of a connection share: its keys, numbers, paths, streams and ends, and what changes several of them at a
 * time.
 *
 * <p>Not thread-safe. Bounded: frames that wait to be sent are each there once, and are what packets on their way had in
 * them; of events, {@link #MAX_EVENTS} are kept.
 */
final class ConnectionState {
    static final long NEVER = Long.MAX_VALUE;

    /** Beyond this, tickets, tokens and addresses that nobody asks for are dropped. */
    static final int MAX_EVENTS = 64;

    /** Room for those events that come once. */
    private static final int RESERVED_EVENTS = 8;

    final Role role;
    final ConnectionConfig config;
    final RandomGenerator random;
    final HandshakeIds ids;
    final ConnectionIdSource idSource;
    final TraceFeed trace;
    final KeyRing keys;
    final IdTable table;
    final Paths paths;
    final PathControl control;
    final Traversal traversal;
    final ServerSearch search = new ServerSearch();
    final Spaces spaces;
    final Streams streams;
    final DatagramQueue datagramsIn;
    final DatagramQueue datagramsOut;
    final ClosingState closing = new ClosingState();
    /** What has to be said on whatever path. */
    final SequencedSet<Frame> pending = new LinkedHashSet<>();

    final Queue<ConnectionEvent> events = new ArrayDeque<>();

    Optional<TransportParameters> peer = Optional.empty();
    IdleTimer idle;
    boolean connected;
    boolean confirmed;
    /** When the handshake has taken too long. */
    final long handshakeEndsAtNanos;

    private final Map<EncryptionLevel, FrameRules> rules = new EnumMap<>(EncryptionLevel.class);
    private long observedSequence;

    ConnectionState(
            Role role,
            ConnectionConfig config,
            RandomGenerator random,
            HandshakeIds ids,
            ConnectionIdSource idSource,
            NetworkPath network,
            long nowNanos) {
        this.role = role;
        this.config = config;
        this.random = random;
        this.ids = ids;
        this.idSource = idSource;
        this.trace = new TraceFeed(config.traces().begin(role, ids.initialKeys(), network, nowNanos), role);
        this.table = new IdTable(idSource, ids.own());
        this.keys = new KeyRing(role);
        this.streams = new Streams(role, config.streams());
        this.datagramsIn = new DatagramQueue(config.datagramBytes());
        this.datagramsOut = new DatagramQueue(config.datagramBytes());
        this.idle = new IdleTimer(IdleTimer.agreedNanos(config.idleTimeout().toMillis(), 0), nowNanos);
        this.paths = new Paths(config, random, network, nowNanos);
        this.control = new PathControl(this);
        this.traversal = new Traversal(this);
        this.spaces = new Spaces(paths.initial().received(), paths.initial().acks());
        this.handshakeEndsAtNanos = config.handshakeTimeout().isZero()
                ? NEVER
                : nowNanos + config.handshakeTimeout().toNanos();
        keys.installInitial(ids.initialKeys());
        if (role == Role.CLIENT) {
            paths.initial().onValidated(); // a client has chosen the address itself
            paths.initial().recovery().probeTimeout().expectStuckPeer(nowNanos);
        }
    }

    // What changes in the handshake.

    /** Takes in what the peer says of itself. */
    void onPeerParameters(TransportParameters parameters, long nowNanos) throws TransportException {
        trace.trace().onParameters(false, parameters, nowNanos);
        ids.check(parameters);
        peer = Optional.of(parameters);
        rules.clear();
        table.remote(0).setFirst(ids.destination(), parameters.statelessResetToken());
        table.setPeersLimit(parameters.get(IntegerParameter.ACTIVE_CONNECTION_ID_LIMIT));
        streams.onPeerParameters(parameters);
        paths.onPeerParameters(parameters, nowNanos);
        traversal.onPeerParameters(parameters);
        idle = new IdleTimer(
                IdleTimer.agreedNanos(
                        config.idleTimeout().toMillis(), parameters.get(IntegerParameter.MAX_IDLE_TIMEOUT)),
                nowNanos);
        if (role == Role.SERVER) {
            reportAddress(paths.initial()); // with the first flight, for who wants nothing else
        }
    }

    /** Takes in that nothing of what was sent about streams has counted; it is sent again as the peer allows now. */
    void onEarlyDataRejected() {
        var ofStreams = pending.stream().filter(ConnectionState::isOfStreams).toList();
        ofStreams.forEach(pending::remove);
        ofStreams.forEach(streams::onLost);
        streams.onEarlyDataRejected();
        peer.ifPresent(streams::onPeerParameters);
    }

    /** Takes in that the handshake is complete and the peer's address known to be its own. */
    void onConnected() {
        connected = true;
        paths.initial().onValidated();
        control.supplyIds();
        traversal.announce();
        if (role == Role.SERVER) {
            pending.add(new ConnectionFrame.HandshakeDone());
            onConfirmed();
        } else {
            reportAddress(paths.initial());
        }
    }

    /** Takes in that the peer knows, too, that the handshake is complete. */
    void onConfirmed() {
        if (!confirmed) {
            confirmed = true;
            paths.initial().recovery().probeTimeout().onHandshakeConfirmed();
            discard(EncryptionLevel.HANDSHAKE);
            events.add(new ConnectionEvent.Confirmed());
        }
    }

    /** Gives up a level of the handshake: nothing of it is sent or read any more. */
    void discard(EncryptionLevel level) {
        if (spaces.find(level).isPresent()) {
            keys.discard(level);
            paths.initial().recovery().discard(level);
            spaces.discard(level);
            paths.initial().probes().discard(level);
        }
    }

    /** Tells the peer its address as it is seen on a path, if that was agreed on. */
    void reportAddress(Path<PacketContent> path) {
        boolean agreed = config.addressDiscovery().isPresent()
                && peer.flatMap(TransportParameters::addressDiscovery)
                        .filter(theirs -> config.addressDiscovery().get().reportsTo(theirs))
                        .isPresent();
        if (agreed && path.network().remote() instanceof InetSocketAddress address && !address.isUnresolved()) {
            path.pending().removeIf(AddressFrame.ObservedAddress.class::isInstance);
            path.pending().add(new AddressFrame.ObservedAddress(observedSequence++, address));
        }
    }

    /** Which frames the peer may send on a level. */
    FrameRules rules(EncryptionLevel level) {
        return rules.computeIfAbsent(level, _ -> new FrameRules(level, role.peer(), extensions()));
    }

    private EnumSet<Extension> extensions() {
        var extensions = EnumSet.of(Extension.ACK_FREQUENCY);
        if (config.datagramBytes() > 0) {
            extensions.add(Extension.DATAGRAM);
        }
        var own = config.addressDiscovery();
        var peers = peer.flatMap(TransportParameters::addressDiscovery);
        if (own.isPresent() && peers.filter(part -> part.reportsTo(own.get())).isPresent()) {
            extensions.add(Extension.ADDRESS_DISCOVERY);
        }
        if (paths.several) {
            extensions.add(Extension.MULTIPATH);
        }
        if (traversal.isAgreedOn()) {
            extensions.add(Extension.NAT_TRAVERSAL);
        }
        return extensions;
    }

    // What becomes of packets.

    void onAcknowledged(PacketContent content) {
        content.pieces.forEach(streams::onAcknowledged);
        spaces.find(content.space).ifPresent(space -> content.crypto.forEach(space.crypto()::onAcknowledged));
        for (var acknowledged : content.acknowledged) {
            if (content.space == EncryptionLevel.ONE_RTT) {
                paths.find(acknowledged.pathId())
                        .ifPresent(path -> path.received().onAckAcknowledged(acknowledged.largest()));
            } else {
                spaces.find(content.space)
                        .ifPresent(space -> space.received().onAckAcknowledged(acknowledged.largest()));
            }
        }
        for (Frame frame : content.frames) {
            if (isOfStreams(frame)) {
                streams.onAcknowledged(frame);
            }
        }
    }

    void onLost(PacketContent content) {
        content.pieces.forEach(streams::onLost);
        spaces.find(content.space).ifPresent(space -> content.crypto.forEach(space.crypto()::onLost));
        for (Frame frame : content.frames) {
            switch (frame) {
                case StreamFrame _, ConnectionFrame.MaxData _ -> streams.onLost(frame);
                // What is said once, or anew each time, is not repeated.
                case ConnectionFrame _ -> {
                    if (frame instanceof ConnectionFrame.HandshakeDone || frame instanceof ConnectionFrame.NewToken) {
                        pending.add(frame);
                    }
                }
                default -> control.onLost(frame, content.pathId);
            }
        }
    }

    void onLost(List<SentPacket<PacketContent>> packets) {
        packets.forEach(packet -> onLost(packet.content()));
    }

    private static boolean isOfStreams(Frame frame) {
        return frame instanceof StreamFrame || frame instanceof ConnectionFrame.MaxData;
    }

    // The end.

    boolean isOpen() {
        return closing.state() == ClosingState.State.OPEN;
    }

    /** Closes, and says so to the peer and to the application. */
    void close(ConnectionFrame frame, CloseCause cause, long nowNanos) {
        if (isOpen()) {
            closing.close(frame, paths.probeTimeoutNanos(), nowNanos);
            end(cause, nowNanos);
        }
    }

    void close(TransportException breach, long nowNanos) {
        var reason = breach.getMessage() == null ? "" : breach.getMessage();
        close(
                new ConnectionFrame.TransportClose(breach.code(), breach.frameType(), utf8(reason)),
                new CloseCause.Breach(breach.code(), reason),
                nowNanos);
    }

    void onPeerClosed(CloseCause cause, long nowNanos) {
        boolean news = isOpen();
        closing.onPeerClosed(new ConnectionFrame.TransportClose(0, 0, utf8("")), paths.probeTimeoutNanos(), nowNanos);
        if (news) {
            end(cause, nowNanos);
        }
    }

    void onGone(CloseCause cause, long nowNanos) {
        boolean news = isOpen();
        closing.onGone();
        if (news) {
            end(cause, nowNanos);
        }
    }

    private void end(CloseCause cause, long nowNanos) {
        events.add(new ConnectionEvent.Closed(cause));
        trace.trace().onClosed(cause, nowNanos);
    }

    /** Tells something that a peer can make happen any number of times. */
    void tell(ConnectionEvent event) {
        if (events.size() < MAX_EVENTS - RESERVED_EVENTS) {
            events.add(event);
        }
    }

    /** Reasons are for people, and have to fit a packet with all that is in it. */
    static ByteBuffer utf8(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, 200));
    }

    /** Starts anew the time after which something is sent on a path just to be heard. */
    void restartKeepAlive(Path<PacketContent> path, long nowNanos) {
        path.setKeepAliveAtNanos(
                config.keepAlive().isZero()
                        ? NEVER
                        : nowNanos + config.keepAlive().toNanos());
    }
}
