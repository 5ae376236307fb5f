package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.server.time.Timer;

/**
 * Decides when a client that takes no bytes is given up: {@link #MAX_STALL_NANOS} after its socket last took one
 * (iroh relay spec, section 4.4).
 *
 * <p>Looks only while something is on its way. Fed and asked by {@link ClientConnection}. Not thread-safe.
 */
final class WriteProgress {
    /** For how long a socket may take nothing: 2 s. */
    static final long MAX_STALL_NANOS = 2_000_000_000L;

    /** How often a connection with something on its way is looked at: 200 ms. */
    static final long CHECK_NANOS = 200_000_000L;

    private boolean watching;
    private long pendingBytes;
    private long pendingProgress;
    private long movedNanos;
    private long checkNanos = Timer.NEVER;

    /**
     * Takes in what is on its way.
     *
     * @param bytes    bytes handed to the channel and not written, 0 or more
     * @param progress how much of the first of them was written
     * @return whether nothing has moved for too long
     */
    boolean isStalled(long bytes, long progress, long nowNanos) {
        if (bytes == 0) {
            watching = false;
            checkNanos = Timer.NEVER;
            return false;
        }
        if (!watching || bytes != pendingBytes || progress != pendingProgress) {
            watching = true;
            pendingBytes = bytes;
            pendingProgress = progress;
            movedNanos = nowNanos;
        }
        checkNanos = Math.min(nowNanos + CHECK_NANOS, movedNanos + MAX_STALL_NANOS);
        return nowNanos - movedNanos >= MAX_STALL_NANOS;
    }

    /** Returns when to look again. */
    long nextDeadlineNanos() {
        return checkNanos;
    }
}
