package io.teahouse.quic.io;

import java.time.Instant;

/** The clock of a driver: nanoseconds since it was started. */
final class DriverClock {
    private final long startNanos = System.nanoTime();
    private final Instant timeZero = Instant.now();

    long nanos() {
        return System.nanoTime() - startNanos;
    }

    /** Returns the wall clock at 0. */
    Instant timeZero() {
        return timeZero;
    }

    Instant now() {
        return timeZero.plusNanos(nanos());
    }
}
