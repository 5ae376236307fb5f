package io.teahouse.relay.server.time;

import java.util.function.LongSupplier;

/**
 * Counts nanoseconds from its own start, so that times are small, positive and compared like any number. The only
 * place where the server reads a clock that measures durations. Safe for use by many threads.
 */
public final class MonotonicClock {
    private final LongSupplier source;
    private final long startNanos;

    /** Creates a clock that stands at zero. */
    public MonotonicClock() {
        this(System::nanoTime);
    }

    /**
     * Creates a clock that stands at zero and goes as another one does: for tests, in which time is moved by hand.
     *
     * @param source nanoseconds since any time; never goes back
     */
    public MonotonicClock(LongSupplier source) {
        this.source = source;
        this.startNanos = source.getAsLong();
    }

    /**
     * {@return nanoseconds since this clock was made, 0 or more}
     */
    public long nanos() {
        return source.getAsLong() - startNanos;
    }
}
