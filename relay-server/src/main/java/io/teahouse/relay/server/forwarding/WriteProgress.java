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
     * Takes in what is on its way. How much is behind the first says nothing: it grows whether the socket takes bytes or
     * not.
     *
     * @param first    the first of what was handed to the channel and not written, told from others by identity; null if
     *                 all was
     * @param progress how much of it was written
     * @return whether nothing has moved for too long
     */
    @SuppressWarnings("ReferenceEquality") // two buffers with equal bytes are two
    boolean isStalled(@Nullable Object first, long progress, long nowNanos) {
        if (first == null) {
            pendingFirst = null;
            checkNanos = Timer.NEVER;
            return false;
        }
        if (first != pendingFirst || progress != pendingProgress) {
            pendingFirst = first;
            pendingProgress = progress;
            movedNanos = nowNanos;
        }
        checkNanos = Math.min(nowNanos + CHECK_NANOS, movedNanos + maxStallNanos);
        return nowNanos - movedNanos >= maxStallNanos;
    }

    /** Returns when to look again. */
    long nextDeadlineNanos() {
        return checkNanos;
    }
}
