package io.teahouse.quic;

import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.IdleTimer;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathChoice;
import io.teahouse.quic.path.PathIds;
import io.teahouse.quic.path.PathRecovery;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.EncryptionLevel;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The paths of a connection: the one that it begins with, and those that are opened later, until they are forgotten.
 *
 * <p>Not thread-safe. Bounded by the path numbers that both sides allow.
 */
final class Paths {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ConnectionConfig config;
    private final RandomGenerator random;
    private final TreeMap<Long, Path<PacketContent>> known = new TreeMap<>();
    private final Path<PacketContent> initial;
    private Optional<TransportParameters> peer = Optional.empty();

    /** Which numbers there may be; none but 0 until several paths are agreed on. */
    PathIds numbers = new PathIds(0, 0);

    /** Whether both sides have said that they speak of several paths. */
    boolean several;

    Paths(ConnectionConfig config, RandomGenerator random, NetworkPath network, long nowNanos) {
        this.config = config;
        this.random = random;
        this.initial = make(
                0,
                network,
                EnumSet.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT),
                nowNanos);
        known.put(0L, initial);
    }

    /** Takes in what the peer says of itself. */
    void onPeerParameters(TransportParameters parameters, long nowNanos) {
        peer = Optional.of(parameters);
        adapt(initial, parameters);
        var own = config.multipath();
        if (own.isPresent() && parameters.initialMaxPathId().isPresent()) {
            several = true;
            numbers = new PathIds(
                    own.get().paths() - 1L, parameters.initialMaxPathId().getAsLong());
            initial.restartIdle(own.get().idleNanos(initial.network().remote()), nowNanos);
        }
    }

    /** Opens a path that is not proven; the handshake is confirmed. */
    Path<PacketContent> open(long pathId, NetworkPath network, long nowNanos) {
        var path = make(pathId, network, EnumSet.of(EncryptionLevel.ONE_RTT), nowNanos);
        path.recovery().probeTimeout().onHandshakeConfirmed();
        peer.ifPresent(parameters -> adapt(path, parameters));
        config.multipath().ifPresent(multipath -> path.restartIdle(multipath.idleNanos(network.remote()), nowNanos));
        known.put(pathId, path);
        numbers.onUsed(pathId);
        return path;
    }

    private Path<PacketContent> make(long pathId, NetworkPath network, Set<EncryptionLevel> levels, long nowNanos) {
        var mtu = new MtuDiscovery(MtuDiscovery.MAX_BYTES, nowNanos);
        var recovery = new PathRecovery<PacketContent>(
                levels, config.initialRtt(), new Cubic(MtuDiscovery.BASE_BYTES), mtu, random);
        return new Path<>(
                pathId,
                network,
                recovery,
                mtu,
                received -> new AckSchedule(
                        received, ConnectionConfig.MIN_ACK_DELAY_NANOS, ConnectionConfig.MAX_ACK_DELAY_NANOS),
                new IdleTimer(IdleTimer.NEVER, nowNanos));
    }

    private static void adapt(Path<PacketContent> path, TransportParameters peer) {
        path.recovery().setMaxAckDelayNanos(peer.get(IntegerParameter.MAX_ACK_DELAY) * NANOS_PER_MILLI);
        path.mtu().setPeersMaxBytes(peer.get(IntegerParameter.MAX_UDP_PAYLOAD_SIZE));
    }

    void forget(long pathId) {
        known.remove(pathId);
    }

    /** The one that the connection begins with, which has the packets of the handshake. */
    Path<PacketContent> initial() {
        return initial;
    }

    /** All, those that are given up and not forgotten among them, the lowest number first. */
    Collection<Path<PacketContent>> all() {
        return Collections.unmodifiableCollection(known.values());
    }

    Optional<Path<PacketContent>> find(long pathId) {
        return Optional.ofNullable(known.get(pathId));
    }

    int count() {
        return known.size();
    }

    /**
     * The path that data goes on: a proven one. Else, while the peer's address is being proven since it is new, or in the
     * handshake, the path where that is so.
     */
    Optional<Path<PacketContent>> forData() {
        if (known.size() == 1) {
            var only = known.firstEntry().getValue();
            return only.isAbandoned() ? Optional.empty() : Optional.of(only).filter(this::mayCarry);
        }
        return PathChoice.forData(known.values())
                .or(() -> known.values().stream()
                        .filter(path -> !path.isAbandoned() && mayCarry(path))
                        .findFirst());
    }

    private boolean mayCarry(Path<PacketContent> path) {
        return path == initial || path.isValidated() || path.wasValidated();
    }

    /** The path that packets are acknowledged on. */
    Optional<Path<PacketContent>> forAcknowledgement(Path<PacketContent> acknowledged) {
        return acknowledged.isUsable() ? Optional.of(acknowledged) : forData();
    }

    /** Whether packets of one path are acknowledged on another, which may be the same. */
    boolean isAcknowledgedOn(Path<PacketContent> carrier, Path<PacketContent> acknowledged) {
        if (acknowledged.isUsable()) {
            return carrier == acknowledged;
        }
        var forData = forData();
        return forData.isPresent() && forData.get() == carrier;
    }

    /** Whether data could go on if a path were given up. */
    boolean hasAnotherUsable(Path<PacketContent> path) {
        return known.values().stream().anyMatch(other -> other != path && other.isUsable());
    }

    /** Whether one is left that is not given up. */
    boolean isAnyLeft() {
        return known.values().stream().anyMatch(path -> !path.isAbandoned());
    }

    /** A path between these addresses that is not given up. */
    Optional<Path<PacketContent>> at(NetworkPath network) {
        return known.values().stream()
                .filter(path -> !path.isAbandoned() && path.network().matches(network))
                .findFirst();
    }

    /** The longest probe timeout of all paths. */
    long probeTimeoutNanos() {
        long longest = 0;
        for (var path : known.values()) {
            longest = Math.max(longest, path.recovery().probeTimeoutNanos());
        }
        return longest;
    }
}
