package io.teahouse.relay.server.limit;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;

/**
 * Holds one client to its share of incoming bytes (iroh relay spec, section 4.8).
 *
 * <p>A token is a byte. The bucket starts full and gets a tenth of a second's bytes every 100 ms, counted from when it was
 * made; what does not fit is lost. After each read, {@link #take} the bytes. Those that were read are always good, so the
 * level may fall below zero; the next read then waits until the bucket holds something again. A changed limit is a new
 * bucket.
 *
 * <p>Times are nanoseconds of one clock that never goes back, such as {@link System#nanoTime}; its origin does not matter.
 * Not thread-safe: confined to the thread that reads from the client.
 */
public final class TokenBucket {
    private static final long REFILL_INTERVAL_NANOS = 100_000_000;
    private static final long REFILLS_PER_SECOND = 10;

    private final long capacity;
    private final long refill;
    private long level;
    private long lastRefillNanos;

    /**
     * Makes a full bucket.
     *
     * @param limit    rate and capacity
     * @param nowNanos the time, in nanoseconds
     */
    public TokenBucket(ReceiveLimit limit, long nowNanos) {
        capacity = limit.maxBurstBytes();
        refill = limit.bytesPerSecond() / REFILLS_PER_SECOND;
        level = capacity;
        lastRefillNanos = nowNanos;
    }

    /**
     * Takes the bytes of one read out of the bucket.
     *
     * @param bytes    how many were read, 0 or more
     * @param nowNanos the time, in nanoseconds
     * @return how long to wait before the next read, in nanoseconds; 0 to go on at once. A read that happens earlier is
     *         counted all the same and makes the wait longer
     */
    public long take(int bytes, long nowNanos) {
        assert bytes >= 0 : bytes;
        refill(nowNanos);
        level -= bytes;
        if (level > 0) {
            return 0;
        }
        // At zero there is one refill to wait for, and so there is after any number of whole refills.
        long refills = -level / refill + 1;
        long sinceLastRefillNanos = nowNanos - lastRefillNanos;
        return refills * REFILL_INTERVAL_NANOS - sinceLastRefillNanos;
    }

    /** Adds what is due. The last refill stays at a whole step, so that no part of a step is lost. */
    private void refill(long nowNanos) {
        long due = (nowNanos - lastRefillNanos) / REFILL_INTERVAL_NANOS;
        if (due <= 0) {
            return;
        }
        lastRefillNanos += due * REFILL_INTERVAL_NANOS;
        long toFull = (capacity - level) / refill;
        level = due > toFull ? capacity : level + due * refill;
    }
}
