package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.server.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a client that takes no bytes is given up: some time after its socket last took one (iroh relay spec,
 * section 4.4).
 *
 * <p>Looks only while something is on its way. Fed and asked by {@link ClientConnection}. Not thread-safe.
 */
final class WriteProgress {
    /** How often a connection with something on its way is looked at: 200 ms. */
    static final long CHECK_NANOS = 200_000_000L;

    private final long maxStallNanos;
    private boolean watching;
    private long pendingBytes;
    private @Nullable Object pendingFirst;
    private long pendingProgress;
    private long movedNanos;
    private long checkNanos = Timer.NEVER;

    /**
     * Creates one for a connection with nothing on its way.
     *
     * @param maxStallNanos for how long a socket may take nothing
     */
    WriteProgress(long maxStallNanos) {
        this.maxStallNanos = maxStallNanos;
    }

    /**
     * Takes in what is on its way. That more is on its way than before says nothing of the socket, so it is the bytes at the
     * front that are looked at.
     *
     * @param bytes    bytes handed to the channel and not written, 0 or more
     * @param first    the buffer that is to be written first, told from others by its identity
     * @param progress how much of it was written
     * @return whether nothing has moved for too long
     */
    @SuppressWarnings("ReferenceEquality") // identity is what is meant
    boolean isStalled(long bytes, @Nullable Object first, long progress, long nowNanos) {
        if (bytes == 0) {
            watching = false;
            pendingFirst = null;
            checkNanos = Timer.NEVER;
            return false;
        }
        if (!watching || bytes < pendingBytes || first != pendingFirst || progress != pendingProgress) {
            watching = true;
            pendingFirst = first;
            pendingProgress = progress;
            movedNanos = nowNanos;
        }
        pendingBytes = bytes;
        checkNanos = Math.min(nowNanos + CHECK_NANOS, movedNanos + maxStallNanos);
        return nowNanos - movedNanos >= maxStallNanos;
    }

    /** Returns when to look again. */
    long nextDeadlineNanos() {
        return checkNanos;
    }
}
