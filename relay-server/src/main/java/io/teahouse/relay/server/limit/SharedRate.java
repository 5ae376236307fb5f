package io.teahouse.relay.server.limit;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds many clients together to a rate of incoming bytes.
 *
 * <p>All that is kept is the time up to which the rate is used up, so taking is one atomic step; those who take do so in
 * portions, not for each datagram. What was read is always good, and may use up time to come: the next read is to wait until
 * that is there.
 *
 * <p>Times are nanoseconds of one clock that never goes back and stands at 0 or above. Safe for use by many threads.
 */
public final class SharedRate {
    /** The largest portion: as much as one read brings at most, or little more. */
    private static final int MAX_PORTION = 64 << 10;

    /** A portion is a hundredth of a second's bytes: what is taken and not used by one must not be missed by others. */
    private static final int PORTIONS_PER_SECOND = 100;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final long bytesPerSecond;
    private final long burstNanos;
    private final AtomicLong usedUpToNanos = new AtomicLong(Long.MIN_VALUE / 2);

    /**
     * Makes one of which nothing is used.
     *
     * @param limit rate and burst
     */
    public SharedRate(ReceiveLimit limit) {
        bytesPerSecond = limit.bytesPerSecond();
        burstNanos = nanosOf(limit.maxBurstBytes());
    }

    /**
     * {@return how many bytes to take at once, beyond those that were read, when {@link #waitNanos} is 0}
     */
    public int portionBytes() {
        return Math.clamp(bytesPerSecond / PORTIONS_PER_SECOND, 1, MAX_PORTION);
    }

    /**
     * {@return how long to wait before bytes may be taken beyond those that were read, in nanoseconds; 0 for not at all}
     *
     * @param nowNanos the time
     */
    public long waitNanos(long nowNanos) {
        return Math.max(0, usedUpToNanos.get() - nowNanos);
    }

    /**
     * Takes bytes.
     *
     * @param bytes    how many, 0 to 16 Mi
     * @param nowNanos the time
     * @return up to when the rate is used up now, in nanoseconds
     */
    public long take(long bytes, long nowNanos) {
        return advance(usedUpToNanos, nanosOf(bytes), nowNanos - burstNanos, Long.MAX_VALUE);
    }

    /** Puts a time forward by a cost, beginning at {@code earliest} at the earliest, and to {@code latest} at the latest. */
    static long advance(AtomicLong time, long costNanos, long earliest, long latest) {
        while (true) {
            long before = time.get();
            long after = Math.min(Math.max(before, earliest) + costNanos, latest);
            if (time.compareAndSet(before, after)) {
                return after;
            }
        }
    }

    /** How much time of the rate so many bytes are. */
    long nanosOf(long bytes) {
        // Below 2^63 for any burst, and for what is read at once even times the number of groups.
        return bytes * NANOS_PER_SECOND / bytesPerSecond;
    }

    long burstNanos() {
        return burstNanos;
    }
}
