package io.teahouse.quic;

import io.teahouse.quic.parameter.ParameterEncoder;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.tls.message.Opaque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Looks into a connection, for what has to be true of it at any time and cannot be seen from outside. */
public final class Inspection {
    /** Every frame that waits to be sent is there once; what they can be about is bounded. */
    private static final int MAX_PENDING = 600;

    private static final int MAX_LOCAL_IDS = 12;

    private Inspection() {}

    /** What is always true. */
    public static void requireSound(Connection connection) {
        var state = connection.state;
        require(state.events.size() <= ConnectionState.MAX_EVENTS, "events", state.events.size());
        require(state.pending.size() <= MAX_PENDING, "frames that wait", state.pending.size());
        long paths = state.config.multipath().map(MultipathConfig::paths).orElse(1);
        require(state.table.own().size() <= MAX_LOCAL_IDS * (paths + 1), "ids given out", state.table.own());
        state.paths.all().forEach(Inspection::requireSound);
    }

    private static void requireSound(Path<PacketContent> path) {
        var recovery = path.recovery();
        int mtu = path.mtu().mtuBytes();
        require(recovery.bytesInFlight() >= 0, "bytes in flight", recovery.bytesInFlight());
        require(mtu >= MtuDiscovery.BASE_BYTES && mtu <= MtuDiscovery.MAX_BYTES, "MTU", mtu);
        require(
                recovery.rtt().smoothedNanos() >= 0,
                "round trip",
                recovery.rtt().smoothedNanos());
        require(recovery.probeTimeoutNanos() > 0, "probe timeout", recovery.probeTimeoutNanos());
    }

    /** What was received and is not read takes no more room than the peer was allowed to send. */
    public static void requireReceivedIsBounded(Connection connection, long streams) {
        var limits = connection.state.config.streams();
        long all = 0;
        for (long id = 0; id < 4 * streams; id++) {
            long readable = connection
                    .streams()
                    .receiving(id)
                    .map(part -> part.readable())
                    .orElse(0L);
            require(readable <= limits.streamWindow(), "unread of stream " + id, readable);
            all += readable;
        }
        require(all <= limits.connectionWindow(), "unread of all streams", all);
    }

    private static void require(boolean holds, String what, Object found) {
        if (!holds) {
            throw new AssertionError(what + ": " + found);
        }
    }

    /** What is on its way on all paths. */
    public static long bytesInFlight(Connection connection) {
        return connection.state.paths.all().stream()
                .mapToLong(path -> path.recovery().bytesInFlight())
                .sum();
    }

    /** What is on its way on each path. */
    public static Map<Long, Long> bytesInFlightByPath(Connection connection) {
        var bytes = new HashMap<Long, Long>();
        connection
                .state
                .paths
                .all()
                .forEach(path -> bytes.put(path.id(), path.recovery().bytesInFlight()));
        return bytes;
    }

    /** Whether what is on its way on a path is no more than congestion control allows. */
    public static boolean isWithinWindow(Connection connection, long pathId) {
        return connection
                .state
                .paths
                .find(pathId)
                .map(path -> path.recovery().allows(0))
                .orElse(true);
    }

    /** On which paths what comes next may go although the window is full: it is asked for, or finds something out. */
    public static Set<Long> mayExceedWindow(Connection connection, long nowNanos) {
        var state = connection.state;
        var ids = new HashSet<Long>();
        for (var path : state.paths.all()) {
            if (!state.confirmed
                    || path.probes().isAnyDue()
                    || !path.responses().isEmpty()
                    || !path.pending().isEmpty()
                    || path.challenges().deadlineNanos() <= nowNanos
                    || path.mtu().probeDue(nowNanos).isPresent()) {
                ids.add(path.id());
            }
        }
        return ids;
    }

    /** How long a probe timeout is. */
    public static long probeTimeoutNanos(Connection connection) {
        return connection.state.paths.probeTimeoutNanos();
    }

    /** How long it may be silent, as both sides have agreed. */
    public static boolean isConfirmed(Connection connection) {
        return connection.state.confirmed;
    }

    /** What is on its way or waits to be sent. */
    public static Optional<String> unrest(Connection connection) {
        var state = connection.state;
        if (bytesInFlight(connection) != 0) {
            return Optional.of(bytesInFlight(connection) + " bytes in flight");
        }
        if (!state.pending.isEmpty()) {
            return Optional.of("waits to be sent: " + state.pending);
        }
        return state.streams.hasDataToSend() ? Optional.of("streams have data to send") : Optional.empty();
    }

    /** What a client remembers of a server that is like this. */
    public static Opaque rememberedParameters(ConnectionConfig config, RandomGenerator random) {
        return Opaque.copyOf(ParameterEncoder.encode(config.parameters().build(), random));
    }
}
