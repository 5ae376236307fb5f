package io.teahouse.relay.server.metrics;

import java.util.List;

/**
 * The counters and histograms of one event loop: plain numbers, so that counting a datagram costs no atomic operation.
 *
 * <p>Written by the loop's thread alone. Other threads may read; what they see may be some moments old.
 */
@SuppressWarnings("EnumOrdinal") // an index into an array that lives as long as the enum
public final class LoopCounters {
    private static final int COUNT = RelayCounter.values().length;

    /** A histogram's buckets, and behind them the sum of all times. */
    private static final int HISTOGRAM = RelayHistogram.BUCKETS + 1;

    /** Room on both sides, so that two loops never write to one cache line. */
    private static final int PADDING = 16;

    private final long[] values = new long[COUNT + HISTOGRAM * RelayHistogram.values().length + 2 * PADDING];

    /** Creates counters that stand at zero. */
    public LoopCounters() {}

    /**
     * Counts one. Loop's thread only.
     *
     * @param counter what
     */
    public void increment(RelayCounter counter) {
        values[PADDING + counter.ordinal()]++;
    }

    /**
     * Counts many. Loop's thread only.
     *
     * @param counter what
     * @param amount  how many, 0 or more; any number for what goes up and down
     */
    public void add(RelayCounter counter, long amount) {
        values[PADDING + counter.ordinal()] += amount;
    }

    /**
     * Takes note that something took a time, or several things the same time. Loop's thread only.
     *
     * @param histogram of what
     * @param nanos     how long, in nanoseconds; below 0 counts as 0
     * @param times     how often, 0 or more
     */
    public void observe(RelayHistogram histogram, long nanos, long times) {
        long duration = Math.max(0, nanos);
        int at = indexOf(histogram);
        values[at + RelayHistogram.bucketOf(duration)] += times;
        values[at + RelayHistogram.BUCKETS] += duration * times;
    }

    /**
     * {@return how many on all loops together}
     *
     * @param loops   whose counters
     * @param counter of what
     */
    public static long sum(List<LoopCounters> loops, RelayCounter counter) {
        return loops.stream().mapToLong(loop -> loop.get(counter)).sum();
    }

    /**
     * {@return how many}
     *
     * @param counter of what
     */
    public long get(RelayCounter counter) {
        return values[PADDING + counter.ordinal()];
    }

    /**
     * {@return how many times fell into a bucket on all loops together}
     *
     * @param loops     whose
     * @param histogram of what
     * @param bucket    its number, 0 to {@link RelayHistogram#BUCKETS} - 1
     */
    static long inBucket(List<LoopCounters> loops, RelayHistogram histogram, int bucket) {
        return loops.stream()
                .mapToLong(loop -> loop.values[indexOf(histogram) + bucket])
                .sum();
    }

    /**
     * {@return the sum of all times on all loops together, in nanoseconds}
     *
     * @param loops     whose
     * @param histogram of what
     */
    public static long sumNanos(List<LoopCounters> loops, RelayHistogram histogram) {
        return loops.stream()
                .mapToLong(loop -> loop.values[indexOf(histogram) + RelayHistogram.BUCKETS])
                .sum();
    }

    /**
     * {@return how many times were taken on all loops together}
     *
     * @param loops     whose
     * @param histogram of what
     */
    public static long count(List<LoopCounters> loops, RelayHistogram histogram) {
        long count = 0;
        for (int bucket = 0; bucket < RelayHistogram.BUCKETS; bucket++) {
            count += inBucket(loops, histogram, bucket);
        }
        return count;
    }

    private static int indexOf(RelayHistogram histogram) {
        return PADDING + COUNT + HISTOGRAM * histogram.ordinal();
    }
}
