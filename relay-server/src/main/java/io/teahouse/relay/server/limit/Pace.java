package io.teahouse.relay.server.limit;

/**
 * At what pace something may happen that has happened already when it is counted: a bucket of tokens that fills at a steady
 * rate, one token each time, and may be in debt. Not thread-safe.
 */
public final class Pace {
    private static final double NANOS = 1e9;

    private final double perNano;
    private final double burst;
    private double tokens;
    private long filledAtNanos;

    /**
     * Creates a full bucket.
     *
     * @param perSecond times a second, above 0
     * @param burst     how many times at once, 1 or more
     * @param nowNanos  the time
     */
    public Pace(double perSecond, int burst, long nowNanos) {
        this.perNano = perSecond / NANOS;
        this.burst = burst;
        this.tokens = burst;
        this.filledAtNanos = nowNanos;
    }

    /**
     * Takes a token for what has happened.
     *
     * @param nowNanos the time, not before that of the last call
     * @return how long it is not to happen again, in nanoseconds; 0 if there are tokens left
     */
    public long take(long nowNanos) {
        tokens = Math.min(burst, tokens + (nowNanos - filledAtNanos) * perNano) - 1;
        filledAtNanos = nowNanos;
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / perNano);
    }
}
