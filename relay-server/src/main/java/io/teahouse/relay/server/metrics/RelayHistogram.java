package io.teahouse.relay.server.metrics;

/**
 * The times that a relay measures. Each costs what is at hand anyway: no clock is read for it. What each of them begins and ends
 * with is in {@code docs/metrics.md}.
 */
public enum RelayHistogram {
    /** From the read that brought a datagram to the end of the turn in which it was written. */
    FORWARDING(
            "forwarding_seconds",
            "Time from the read that brought a datagram frame until it was written to its receiver."),
    /** How long those waited that came while their receiver did not take what was sent to it. */
    QUEUE_RESIDENCE(
            "queue_residence_seconds",
            "Time that datagram frames waited in the queue of a receiver that did not take them.");

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    /** Upper bounds in nanoseconds, included, in ascending order. Nothing waits for longer than 2 s. */
    private static final long[] BOUNDS = {
        50 * MICRO,
        100 * MICRO,
        250 * MICRO,
        500 * MICRO,
        MILLI,
        2500 * MICRO,
        5 * MILLI,
        10 * MILLI,
        25 * MILLI,
        50 * MILLI,
        100 * MILLI,
        250 * MILLI,
        500 * MILLI,
        1000 * MILLI,
        2000 * MILLI
    };

    /** With the one that has no upper bound. */
    static final int BUCKETS = BOUNDS.length + 1;

    private final String metricName;
    private final String help;

    RelayHistogram(String metricName, String help) {
        this.metricName = metricName;
        this.help = help;
    }

    /** Returns the number of the bucket that a time belongs to. Most are short, so the search is. */
    static int bucketOf(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    /** Returns the upper bound of a bucket in nanoseconds; the last one has none. */
    static long boundNanos(int bucket) {
        return BOUNDS[bucket];
    }

    /**
     * {@return the name in the metrics, without prefix}
     */
    public String metricName() {
        return metricName;
    }

    /**
     * {@return what it measures, in a sentence}
     */
    public String help() {
        return help;
    }
}
