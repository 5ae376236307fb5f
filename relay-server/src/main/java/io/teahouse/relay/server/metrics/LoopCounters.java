package io.teahouse.relay.server.metrics;

import java.util.List;

/**
 * The counters of one event loop: plain numbers, so that counting a datagram costs no atomic operation.
 *
 * <p>Written by the loop's thread alone. Other threads may read; what they see may be some moments old.
 */
@SuppressWarnings("EnumOrdinal") // an index into an array that lives as long as the enum
public final class LoopCounters {
    private static final int COUNT = RelayCounter.values().length;

    /** Room on both sides, so that two loops never write to one cache line. */
    private static final int PADDING = 16;

    private final long[] values = new long[COUNT + 2 * PADDING];

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
     * @param amount  how many, 0 or more
     */
    public void add(RelayCounter counter, long amount) {
        values[PADDING + counter.ordinal()] += amount;
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
}
