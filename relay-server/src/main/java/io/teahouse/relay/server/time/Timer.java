package io.teahouse.relay.server.time;

import org.jspecify.annotations.Nullable;

/**
 * Something that is to happen at a time; its owner extends it. In {@link TimerWheel} at most once.
 *
 * <p>Not thread-safe: confined to the wheel's thread.
 */
public abstract class Timer {
    /** A time that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    long deadlineNanos = NEVER;
    int slot = -1;

    @Nullable
    Timer previous;

    @Nullable
    Timer next;

    /** Creates a timer that is not set. */
    protected Timer() {}

    /**
     * Called once the deadline has come; the timer is not set then, and may be set again.
     *
     * @param nowNanos the time, at the deadline or at most a tick behind it if the thread was free
     */
    protected abstract void onDeadline(long nowNanos);
}
