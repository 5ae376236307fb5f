package io.teahouse.relay.server.limit;

import java.util.OptionalLong;

/**
 * Decides which of many lines of one kind are worth writing: one in a while, with the number of those left out. Is told the
 * time: nanoseconds of a clock that never goes back. Safe for use by many threads.
 */
public final class SparseLog {
    private final long pauseNanos;
    private boolean hasWritten;
    private long lastNanos;
    private long leftOut;

    /**
     * Creates one that has written nothing yet.
     *
     * @param pauseNanos for how long nothing more is written after a line, 0 or more
     */
    public SparseLog(long pauseNanos) {
        this.pauseNanos = pauseNanos;
    }

    /**
     * Counts a line.
     *
     * @param nowNanos the time, not before that of the last call
     * @return if it is to be written, how many were left out since the last one that was
     */
    public synchronized OptionalLong next(long nowNanos) {
        if (hasWritten && nowNanos - lastNanos < pauseNanos) {
            leftOut++;
            return OptionalLong.empty();
        }
        long before = leftOut;
        hasWritten = true;
        lastNanos = nowNanos;
        leftOut = 0;
        return OptionalLong.of(before);
    }
}
