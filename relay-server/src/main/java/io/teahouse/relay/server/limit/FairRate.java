package io.teahouse.relay.server.limit;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds all clients of a relay together to a rate of incoming bytes, so that no group of them can use it up for the others.
 *
 * <p>While there is rate left, everybody may use it. Once there is none, a group has to wait only if it has had more than its
 * part as well: the rate divided by the number of groups that send. What a group has had beyond its part while nobody else
 * wanted it is not held against it for more than a tenth of a second longer than against all.
 *
 * <p>Times as in {@link SharedRate}. Safe for use by many threads.
 */
public final class FairRate {
    private static final long FORGIVEN_NANOS = 100_000_000;

    /** Who sends within one of these, or has within the one before, counts as one who sends: 2^28 ns, some 268 ms. */
    private static final int PERIOD_SHIFT = 28;

    private final SharedRate all;

    // Who sends; but for the number that counts, guarded by this.
    private long period;
    private int inPeriod;
    private int inPeriodBefore;
    private volatile int sending = 1;

    /** What one group has had. Goes with any rate, also one after another. Safe for use by many threads. */
    public static final class Part {
        private final AtomicLong usedUpToNanos = new AtomicLong(Long.MIN_VALUE / 2);

        /** The last period in which it was counted as sending. */
        private volatile long countedIn = -1;

        /** Makes one of which nothing is used. */
        public Part() {}
    }

    /**
     * Makes one of which nothing is used.
     *
     * @param limit rate and burst
     */
    public FairRate(ReceiveLimit limit) {
        all = new SharedRate(limit);
    }

    /**
     * {@return as {@link SharedRate#portionBytes}}
     */
    public int portionBytes() {
        return all.portionBytes();
    }

    /**
     * {@return how long one group is to wait before it may take bytes beyond those that were read, in nanoseconds; 0 for not at
     * all}
     *
     * @param part     of the group
     * @param nowNanos the time
     */
    public long waitNanos(Part part, long nowNanos) {
        return Math.min(all.waitNanos(nowNanos), Math.max(0, part.usedUpToNanos.get() - nowNanos));
    }

    /**
     * Takes bytes for one group.
     *
     * @param part     of the group
     * @param bytes    how many, 0 to 16 Mi
     * @param nowNanos the time
     */
    public void take(Part part, long bytes, long nowNanos) {
        count(part, nowNanos >>> PERIOD_SHIFT);
        long usedUpToNanos = all.take(bytes, nowNanos);
        var _ = SharedRate.advance(
                part.usedUpToNanos,
                all.nanosOf(bytes) * sending,
                nowNanos - all.burstNanos(),
                usedUpToNanos + FORGIVEN_NANOS);
    }

    private void count(Part part, long now) {
        if (part.countedIn == now) {
            return;
        }
        synchronized (this) {
            if (part.countedIn == now) {
                return;
            }
            part.countedIn = now;
            if (period != now) {
                inPeriodBefore = period == now - 1 ? inPeriod : 0;
                inPeriod = 0;
                period = now;
            }
            inPeriod++;
            sending = Math.max(inPeriod, inPeriodBefore);
        }
    }
}
