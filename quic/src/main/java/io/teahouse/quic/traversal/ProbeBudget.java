package io.teahouse.quic.traversal;

/**
 * How many probes may go out: the addresses are the peer's choice, and whoever is there has not asked for them.
 *
 * <p>Enough for a whole round to as many addresses as are announced, and then for as many as a peer that behaves
 * needs. Not thread-safe.
 */
final class ProbeBudget {
    /** Nine probes to each of 32 addresses, which is what iroh announces. */
    static final int CAPACITY = ProbeRound.PROBES * 32;

    static final int PER_SECOND = 64;

    private static final double NANOS_PER_SECOND = 1e9;

    private double left = CAPACITY;
    private long filledAtNanos;

    /** Takes as many probes as there are left, at most what is wanted. */
    int take(int wanted, long nowNanos) {
        left = Math.min(CAPACITY, left + (nowNanos - filledAtNanos) / NANOS_PER_SECOND * PER_SECOND);
        filledAtNanos = nowNanos;
        int taken = Math.min(wanted, (int) left);
        left -= taken;
        return taken;
    }
}
