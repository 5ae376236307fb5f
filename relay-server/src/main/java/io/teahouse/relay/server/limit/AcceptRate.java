package io.teahouse.relay.server.limit;

/**
 * How many connections are accepted: a bucket of tokens that fills at a steady rate, one token a connection. Not thread-safe.
 */
public final class AcceptRate {
    private static final double NANOS = 1e9;

    private final double perNano;
    private final double burst;
    private double tokens;
    private long filledAtNanos;

    /**
     * Creates a full bucket.
     *
     * @param perSecond connections a second, above 0
     * @param burst     how many may come at once, 1 or more
     * @param nowNanos  the time
     */
    public AcceptRate(double perSecond, int burst, long nowNanos) {
        this.perNano = perSecond / NANOS;
        this.burst = burst;
        this.tokens = burst;
        this.filledAtNanos = nowNanos;
    }

    /**
     * Takes a token for a connection that has been accepted already.
     *
     * @param nowNanos the time, not before that of the last call
     * @return how long to accept no other, in nanoseconds; 0 if there are tokens left
     */
    public long take(long nowNanos) {
        tokens = Math.min(burst, tokens + (nowNanos - filledAtNanos) * perNano) - 1;
        filledAtNanos = nowNanos;
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / perNano);
    }
}
