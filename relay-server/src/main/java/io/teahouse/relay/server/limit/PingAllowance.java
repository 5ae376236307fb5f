package io.teahouse.relay.server.limit;

/**
 * How many pings of one client are answered: {@value #PER_SECOND} in a second, of the relay's and of WebSocket's kind together.
 * An endpoint sends one every few seconds; an answer costs more than a ping, so a flood is read and not answered. Not
 * thread-safe.
 */
public final class PingAllowance {
    /** Pings that are answered in a second. */
    public static final int PER_SECOND = 100;

    private static final long SECOND_NANOS = 1_000_000_000;

    private long sinceNanos;
    private int answered;

    /**
     * Creates an allowance of which nothing is used.
     *
     * @param nowNanos the time
     */
    public PingAllowance(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /**
     * {@return whether one more ping is to be answered}
     *
     * @param nowNanos the time, not before that of the last call
     */
    public boolean take(long nowNanos) {
        if (nowNanos - sinceNanos >= SECOND_NANOS) {
            sinceNanos = nowNanos;
            answered = 0;
        }
        if (answered == PER_SECOND) {
            return false;
        }
        answered++;
        return true;
    }
}
