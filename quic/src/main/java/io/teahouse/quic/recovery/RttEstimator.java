package io.teahouse.quic.recovery;

import java.time.Duration;

/**
 * Estimates the round-trip time of one path (RFC 9002, section 5).
 *
 * <p>Every path has its own. Not thread-safe.
 */
public final class RttEstimator {
    /** What clocks can be trusted to tell apart (RFC 9002, section 6.1.2), in nanoseconds. */
    public static final long GRANULARITY_NANOS = 1_000_000;

    private boolean hasSample;
    private boolean minIsStale;
    private long firstSampleAtNanos;
    private long latestNanos;
    private long minNanos;
    private long smoothedNanos;
    private long variationNanos;

    /**
     * Creates an estimator that has seen no sample.
     *
     * @param initial assumed until the first sample; RFC 9002, section 6.2.2 recommends 333 ms
     */
    public RttEstimator(Duration initial) {
        smoothedNanos = initial.toNanos();
        variationNanos = initial.toNanos() / 2;
    }

    /**
     * Takes in one sample (RFC 9002, section 5.3).
     *
     * @param sampleNanos   from the sending of the largest acknowledged packet to the receipt of the acknowledgement,
     *                      in nanoseconds; 0 or more
     * @param ackDelayNanos how long the peer says it held the acknowledgement back, in nanoseconds, limited by the
     *                      caller to the peer's max_ack_delay once the handshake is confirmed
     * @param nowNanos      now
     */
    public void onSample(long sampleNanos, long ackDelayNanos, long nowNanos) {
        assert sampleNanos >= 0 : sampleNanos;
        assert ackDelayNanos >= 0 : ackDelayNanos;
        latestNanos = sampleNanos;
        if (!hasSample) {
            hasSample = true;
            firstSampleAtNanos = nowNanos;
            minNanos = sampleNanos;
            smoothedNanos = sampleNanos;
            variationNanos = sampleNanos / 2;
            return;
        }
        minNanos = minIsStale ? sampleNanos : Math.min(minNanos, sampleNanos);
        minIsStale = false;
        // A delay that would push the sample below the minimum is not believed.
        long adjustedNanos = sampleNanos - minNanos >= ackDelayNanos ? sampleNanos - ackDelayNanos : sampleNanos;
        // Variation before mean: the order of appendix A.7.
        variationNanos = (3 * variationNanos + Math.abs(smoothedNanos - adjustedNanos)) / 4;
        smoothedNanos = (7 * smoothedNanos + adjustedNanos) / 8;
    }

    /** Lets the minimum be that of the next sample: the path may be another one now (RFC 9002, section 5.2). */
    public void onPersistentCongestion() {
        minIsStale = true;
    }

    /**
     * {@return whether there was a sample}
     */
    public boolean hasSample() {
        return hasSample;
    }

    /**
     * {@return when the first sample was taken; only if there was one}
     */
    public long firstSampleAtNanos() {
        return firstSampleAtNanos;
    }

    /**
     * {@return the latest sample, in nanoseconds; 0 before any}
     */
    public long latestNanos() {
        return latestNanos;
    }

    /**
     * {@return the smallest sample, in nanoseconds; 0 before any}
     */
    public long minNanos() {
        return minNanos;
    }

    /**
     * {@return the smoothed round-trip time, in nanoseconds; the initial guess before any sample}
     */
    public long smoothedNanos() {
        return smoothedNanos;
    }

    /**
     * {@return how much samples differ, in nanoseconds}
     */
    public long variationNanos() {
        return variationNanos;
    }

    /**
     * {@return how long to wait for an acknowledgement before asking again (RFC 9002, section 6.2.1)}
     *
     * @param maxAckDelayNanos how long the peer may hold it back: 0 for Initial and Handshake packets
     */
    public long probeTimeoutNanos(long maxAckDelayNanos) {
        return smoothedNanos + Math.max(4 * variationNanos, GRANULARITY_NANOS) + maxAckDelayNanos;
    }

    /**
     * {@return how much later than an acknowledged packet an earlier one may be before it is lost (RFC 9002, section
     * 6.1.2)}
     */
    public long lossDelayNanos() {
        long roundTrip = Math.max(latestNanos, smoothedNanos);
        return Math.max(roundTrip + roundTrip / 8, GRANULARITY_NANOS);
    }
}
