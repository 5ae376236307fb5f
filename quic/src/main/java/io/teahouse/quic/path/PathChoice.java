package io.teahouse.quic.path;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which path carries what (iroh QUIC spec, sections 2.6 and 5.5).
 *
 * <p>Data goes on paths that are proven and to be used, the others are for when there is none of those. A path on which
 * nobody answers any more is left for another one before it is idle for so long that it ends. Thread-safe: no state.
 */
public final class PathChoice {
    /** How often it is asked in vain before a path is taken for dead, if there is another. */
    static final int IN_VAIN_UNTIL_DEAD = 3;

    private PathChoice() {}

    /**
     * {@return the path that data and whatever else is not bound to a path go on, of several that are to be used the
     * shortest; empty if none is proven}
     *
     * @param paths all of the connection
     * @param <C>   what is in their packets
     */
    public static <C> Optional<Path<C>> forData(Collection<Path<C>> paths) {
        Comparator<Path<C>> byUse = Comparator.comparing(path -> !path.status().isAvailable());
        return paths.stream()
                .filter(Path::isUsable)
                .min(byUse.thenComparingLong(PathChoice::distanceNanos).thenComparingLong(Path::id));
    }

    /** The shortest round trip: those of a path that is in use are longer by what waits there, which is no reason to leave. */
    private static long distanceNanos(Path<?> path) {
        var rtt = path.recovery().rtt();
        return rtt.hasSample() ? rtt.minNanos() : rtt.smoothedNanos();
    }

    /**
     * {@return the path that an acknowledgement goes on: the one that the packets came on, while that is usable}
     *
     * <p>Who sends them all on one path, as iroh does, makes the others look dead to the peer when that one dies.
     *
     * @param acknowledged the path whose packets are acknowledged
     * @param paths        all of the connection
     * @param <C>          what is in their packets
     */
    public static <C> Optional<Path<C>> forAcknowledgement(Path<C> acknowledged, Collection<Path<C>> paths) {
        return acknowledged.isUsable() ? Optional.of(acknowledged) : forData(paths);
    }

    /**
     * {@return whether a path is to be given up: nobody answers there, and on another something came since}
     *
     * <p>So when a path begins to be silent, the others have to be asked, too.
     *
     * @param path  one of the connection's
     * @param paths all of them
     * @param <C>   what is in their packets
     */
    public static <C> boolean isDead(Path<C> path, Collection<Path<C>> paths) {
        return path.recovery().probeTimeout().inVain() >= IN_VAIN_UNTIL_DEAD
                && paths.stream()
                        .anyMatch(other -> other != path
                                && other.isUsable()
                                && other.lastReceivedNanos() > path.lastReceivedNanos());
    }
}
