package io.teahouse.quic.traversal;

import io.teahouse.quic.wire.Budget;

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

    private final Budget budget = new Budget(CAPACITY, PER_SECOND);

    /** Takes as many probes as there are left, at most what is wanted. */
    int take(int wanted, long nowNanos) {
        return budget.take(wanted, nowNanos);
    }
}
