package io.teahouse.quic;

import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.AddressReports;
import io.teahouse.quic.path.IdleTimer;
import io.teahouse.quic.path.LocalIds;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathRecovery;
import io.teahouse.quic.path.RemoteIds;
import io.teahouse.quic.recovery.AckSchedule;
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
 * What the parts of a connection share: its keys, numbers, path, streams and ends, and what changes several of them at a
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
    final KeyRing keys;
    final Path<PacketContent> path;
    final Spaces spaces;
    final Streams streams;
    final LocalIds localIds = new LocalIds(1);
    final RemoteIds remoteIds = new RemoteIds(ConnectionConfig.ACTIVE_IDS);
    final DatagramQueue datagramsIn;
    final DatagramQueue datagramsOut;
    final ClosingState closing = new ClosingState();
    final AddressReports addressReports = new AddressReports();
    final SequencedSet<Frame> pending = new LinkedHashSet<>();
    /** In which spaces something has to be sent that is answered, whatever congestion says. */
    final Map<EncryptionLevel, Integer> probes = new EnumMap<>(EncryptionLevel.class);

    final Queue<ConnectionEvent> events = new ArrayDeque<>();

    Optional<TransportParameters> peer = Optional.empty();
    IdleTimer idle;
    boolean connected;
    boolean confirmed;
    long keepAliveAtNanos = NEVER;
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
        this.keys = new KeyRing(role);
        this.streams = new Streams(role, config.streams());
        this.datagramsIn = new DatagramQueue(config.datagramBytes());
        this.datagramsOut = new DatagramQueue(config.datagramBytes());
        this.idle = new IdleTimer(IdleTimer.agreedNanos(config.idleTimeout().toMillis(), 0), nowNanos);
        var mtu = new MtuDiscovery(MtuDiscovery.MAX_BYTES, nowNanos);
        var recovery = new PathRecovery<PacketContent>(
                EnumSet.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT),
                config.initialRtt(),
                new Cubic(MtuDiscovery.BASE_BYTES),
                mtu,
                random);
        this.path = new Path<>(
                0,
                network,
                recovery,
                mtu,
                received -> new AckSchedule(
                        received, ConnectionConfig.MIN_ACK_DELAY_NANOS, ConnectionConfig.MAX_ACK_DELAY_NANOS),
                new IdleTimer(IdleTimer.NEVER, nowNanos));
        this.spaces = new Spaces(path.received(), path.acks());
        localIds.addFirst(ids.own());
        keys.installInitial(ids.initialKeys());
        if (role == Role.CLIENT) {
            path.onValidated(); // a client has chosen the address itself
            recovery.probeTimeout().expectStuckPeer(nowNanos);
        }
    }

    // What changes in the handshake.

    /** Takes in what the peer says of itself. */
    void onPeerParameters(TransportParameters parameters, long nowNanos) throws TransportException {
        ids.check(parameters);
        peer = Optional.of(parameters);
        remoteIds.setFirst(ids.destination(), parameters.statelessResetToken());
        localIds.setPeersLimit(parameters.get(IntegerParameter.ACTIVE_CONNECTION_ID_LIMIT));
        streams.onPeerParameters(parameters);
        path.recovery().setMaxAckDelayNanos(parameters.get(IntegerParameter.MAX_ACK_DELAY) * 1_000_000);
        path.mtu().setPeersMaxBytes(parameters.get(IntegerParameter.MAX_UDP_PAYLOAD_SIZE));
        idle = new IdleTimer(
                IdleTimer.agreedNanos(
                        config.idleTimeout().toMillis(), parameters.get(IntegerParameter.MAX_IDLE_TIMEOUT)),
                nowNanos);
        if (role == Role.SERVER) {
            reportAddress(); // with the first flight, for who wants nothing else
        }
    }

    /** Takes in that the handshake is complete and the peer's address known to be its own. */
    void onConnected() {
        connected = true;
        path.onValidated();
        issueIds();
        if (role == Role.SERVER) {
            pending.add(new ConnectionFrame.HandshakeDone());
            onConfirmed();
        } else {
            reportAddress();
        }
    }

    /** Takes in that the peer knows, too, that the handshake is complete. */
    void onConfirmed() {
        if (!confirmed) {
            confirmed = true;
            path.recovery().probeTimeout().onHandshakeConfirmed();
            discard(EncryptionLevel.HANDSHAKE);
            events.add(new ConnectionEvent.Confirmed());
        }
    }

    /** Gives up a level of the handshake: nothing of it is sent or read any more. */
    void discard(EncryptionLevel level) {
        if (spaces.find(level).isPresent()) {
            keys.discard(level);
            path.recovery().discard(level);
            spaces.discard(level);
            probes.remove(level);
        }
    }

    /** Gives out as many connection ids as the peer keeps. */
    void issueIds() {
        while (connected && localIds.due() > 0) {
            var id = idSource.next();
            pending.add(new PathFrame.NewConnectionId(localIds.issue(id, idSource.tokenOf(id))));
        }
    }

    /** Tells the peer its address, if that was agreed on. */
    void reportAddress() {
        boolean agreed = config.addressDiscovery().isPresent()
                && peer.flatMap(TransportParameters::addressDiscovery)
                        .filter(theirs -> config.addressDiscovery().get().reportsTo(theirs))
                        .isPresent();
        if (agreed && path.network().remote() instanceof InetSocketAddress address && !address.isUnresolved()) {
            pending.removeIf(AddressFrame.ObservedAddress.class::isInstance);
            pending.add(new AddressFrame.ObservedAddress(observedSequence++, address));
        }
    }

    // What becomes of packets.

    void onAcknowledged(PacketContent content) {
        content.pieces.forEach(streams::onAcknowledged);
        spaces.find(content.space).ifPresent(space -> {
            content.crypto.forEach(space.crypto()::onAcknowledged);
            content.acknowledged.ifPresent(space.received()::onAckAcknowledged);
        });
        content.frames.stream().filter(ConnectionState::isOfStreams).forEach(streams::onAcknowledged);
    }

    void onLost(PacketContent content) {
        content.pieces.forEach(streams::onLost);
        spaces.find(content.space).ifPresent(space -> content.crypto.forEach(space.crypto()::onLost));
        for (Frame frame : content.frames) {
            if (isOfStreams(frame)) {
                streams.onLost(frame);
            } else if (isRepeated(frame)) {
                pending.add(frame);
            }
        }
    }

    void onLost(List<SentPacket<PacketContent>> packets) {
        packets.forEach(packet -> onLost(packet.content()));
    }

    private static boolean isOfStreams(Frame frame) {
        return frame instanceof StreamFrame || frame instanceof ConnectionFrame.MaxData;
    }

    /** What is said once, or anew each time, is not repeated. */
    private static boolean isRepeated(Frame frame) {
        return switch (frame) {
            case ConnectionFrame.Ping _,
                    ConnectionFrame.Padding _,
                    ConnectionFrame.Datagram _,
                    PathFrame.PathChallenge _,
                    PathFrame.PathResponse _ -> false;
            default -> true;
        };
    }

    // The end.

    boolean isOpen() {
        return closing.state() == ClosingState.State.OPEN;
    }

    /** Closes, and says so to the peer and to the application. */
    void close(ConnectionFrame frame, CloseCause cause, long nowNanos) {
        if (isOpen()) {
            closing.close(frame, path.recovery().probeTimeoutNanos(), nowNanos);
            events.add(new ConnectionEvent.Closed(cause));
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
        closing.onPeerClosed(
                new ConnectionFrame.TransportClose(0, 0, utf8("")),
                path.recovery().probeTimeoutNanos(),
                nowNanos);
        if (news) {
            events.add(new ConnectionEvent.Closed(cause));
        }
    }

    void onGone(CloseCause cause) {
        boolean news = isOpen();
        closing.onGone();
        if (news) {
            events.add(new ConnectionEvent.Closed(cause));
        }
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

    /** Starts anew the time after which something is sent just to be heard. */
    void restartKeepAlive(long nowNanos) {
        keepAliveAtNanos = config.keepAlive().isZero()
                ? NEVER
                : nowNanos + config.keepAlive().toNanos();
    }
}
