package io.teahouse.quic.congestion;

/**
 * Spreads what is sent over the round trip instead of sending it at once (RFC 9002, section 7.7).
 *
 * <p>A bucket that fills a quarter faster than the window would be used up in a round trip, and holds a few datagrams,
 * so that a short message goes at once and a timer need not be exact. Not thread-safe.
 */
public final class Pacer {
    private static final double FASTER_THAN_WINDOW = 1.25;
    private static final int BURST_DATAGRAMS = 10;
    /** How long a timer may oversleep without costing throughput. */
    private static final long TIMER_SLACK_NANOS = 2_000_000;

    private double tokens;
    private long filledAtNanos = Long.MIN_VALUE;

    /** Creates one that is full. */
    public Pacer() {}

    /**
     * {@return when the next datagram may be sent, not before now}
     *
     * @param datagramBytes    how large it may become
     * @param windowBytes      how much may be on its way
     * @param smoothedRttNanos the round trip time of the path
     * @param nowNanos         now
     */
    public long nextSendNanos(int datagramBytes, long windowBytes, long smoothedRttNanos, long nowNanos) {
        double bytesPerNano = FASTER_THAN_WINDOW * windowBytes / Math.max(1, smoothedRttNanos);
        double capacity = Math.max(BURST_DATAGRAMS * datagramBytes, bytesPerNano * TIMER_SLACK_NANOS);
        // What was sent before the first question is a debt.
        tokens = filledAtNanos == Long.MIN_VALUE
                ? capacity + tokens
                : Math.min(capacity, tokens + (nowNanos - filledAtNanos) * bytesPerNano);
        filledAtNanos = nowNanos;
        return tokens >= datagramBytes
                ? nowNanos
                : nowNanos + (long) Math.ceil((datagramBytes - tokens) / bytesPerNano);
    }

    /**
     * Takes in that a datagram was sent, allowed or not: probes do not wait.
     *
     * @param bytes its size
     */
    public void onSent(int bytes) {
        tokens -= bytes;
    }
}
