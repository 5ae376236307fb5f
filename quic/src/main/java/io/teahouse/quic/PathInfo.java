package io.teahouse.quic;

import io.teahouse.quic.path.Path;
import io.teahouse.quic.wire.NetworkPath;

/**
 * A path of a connection, as it is now.
 *
 * @param id            its number
 * @param network       the addresses at its ends
 * @param state         whether it carries
 * @param available     whether we use it while there are others
 * @param peerAvailable whether the peer would like us to
 * @param rttNanos      the round trip, smoothed; what is assumed while {@link #isMeasured} is not true
 * @param isMeasured    whether the round trip was measured
 * @param mtuBytes      how large datagrams on it are at most
 * @param isInUse       whether data goes on it now
 */
public record PathInfo(
        long id,
        NetworkPath network,
        State state,
        boolean available,
        boolean peerAvailable,
        long rttNanos,
        boolean isMeasured,
        int mtuBytes,
        boolean isInUse) {
    /** Whether it carries. */
    public enum State {
        /** Being found out. */
        UNPROVEN,
        /** Yes. */
        VALIDATED,
        /** Given up by one of the sides; late packets are still taken. */
        ABANDONED
    }

    static PathInfo of(Path<?> path, boolean isInUse) {
        var rtt = path.recovery().rtt();
        return new PathInfo(
                path.id(),
                path.network(),
                path.isAbandoned() ? State.ABANDONED : path.isValidated() ? State.VALIDATED : State.UNPROVEN,
                path.status().isAvailable(),
                path.status().isPeerAvailable(),
                rtt.smoothedNanos(),
                rtt.hasSample(),
                path.mtu().mtuBytes(),
                isInUse);
    }
}
