package io.teahouse.relay.server.time;

/**
 * Counts nanoseconds from its own start, so that times are small, positive and compared like any number. The only
 * place where the server reads a clock that measures durations. Safe for use by many threads.
 */
public final class MonotonicClock {
    private final long startNanos = System.nanoTime();

    /** Creates a clock that stands at zero. */
    public MonotonicClock() {}

    /**
     * {@return nanoseconds since this clock was made, 0 or more}
     */
    public long nanos() {
        return System.nanoTime() - startNanos;
    }
}
