package io.teahouse.quic.wire;

/** How often something may be done: so many times at once, and so many more each second. Not thread-safe. */
public final class Budget {
    private static final double NANOS_PER_SECOND = 1e9;

    private final int capacity;
    private final double perSecond;
    private double left;
    private long filledAtNanos;

    /**
     * Creates one that is full.
     *
     * @param capacity  how many times at once
     * @param perSecond how many more each second
     */
    public Budget(int capacity, double perSecond) {
        this.capacity = capacity;
        this.perSecond = perSecond;
        this.left = capacity;
    }

    /**
     * {@return how many times of those that are wanted, which are then taken}
     *
     * @param wanted   how many would be needed
     * @param nowNanos now
     */
    public int take(int wanted, long nowNanos) {
        left = Math.min(capacity, left + (nowNanos - filledAtNanos) / NANOS_PER_SECOND * perSecond);
        filledAtNanos = nowNanos;
        int taken = Math.min(wanted, (int) left);
        left -= taken;
        return taken;
    }
}
