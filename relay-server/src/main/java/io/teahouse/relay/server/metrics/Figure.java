package io.teahouse.relay.server.metrics;

import java.util.function.LongSupplier;

/**
 * A figure in the metrics that belongs to no event loop.
 *
 * @param kind  what it does in the course of time
 * @param name  in the metrics, without prefix and without {@code _total}
 * @param help  what it says, in a sentence
 * @param value the figure now; called by any thread, at any time
 */
public record Figure(Kind kind, String name, String help, LongSupplier value) {
    /** What a figure does in the course of time. */
    public enum Kind {
        /** It only goes up. */
        COUNTER,
        /** It goes up and down. */
        GAUGE
    }

    /**
     * {@return a figure that only goes up}
     *
     * @param name  in the metrics, without prefix and without {@code _total}
     * @param help  what it counts, in a sentence
     * @param value the count now; called by any thread, at any time
     */
    public static Figure counter(String name, String help, LongSupplier value) {
        return new Figure(Kind.COUNTER, name, help, value);
    }

    /**
     * {@return a figure that goes up and down}
     *
     * @param name  in the metrics, without prefix
     * @param help  what it says, in a sentence
     * @param value the figure now; called by any thread, at any time
     */
    public static Figure gauge(String name, String help, LongSupplier value) {
        return new Figure(Kind.GAUGE, name, help, value);
    }
}
