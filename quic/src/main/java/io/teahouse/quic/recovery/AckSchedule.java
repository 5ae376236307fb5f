package io.teahouse.quic.recovery;

import io.teahouse.quic.frame.ConnectionFrame;

/**
 * Decides when the packets of one number space are acknowledged (RFC 9000, section 13.2.1; iroh QUIC spec, section
 * 1.11).
 *
 * <p>At once if two packets wait for it, if one came out of order or left a gap, if congestion was met, or if the peer
 * asks; else after a while. The peer may ask for another measure. Not thread-safe.
 */
public final class AckSchedule {
    /** When nothing has to be acknowledged. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int DEFAULT_ELICITING_THRESHOLD = 1;
    private static final int DEFAULT_REORDERING_THRESHOLD = 1;
    private static final long NANOS_PER_MICRO = 1000;

    /** The most that the peer may ask for: longer than this an acknowledgement may not be announced to take, either. */
    private static final long MAX_DELAY_NANOS = ((1L << 14) - 1) * 1_000_000;

    private final ReceivedPackets received;
    private final long minDelayNanos;
    private long maxDelayNanos;
    private long elicitingThreshold = DEFAULT_ELICITING_THRESHOLD;
    private long reorderingThreshold = DEFAULT_REORDERING_THRESHOLD;
    private long frequencySequence = -1;

    private long waiting;
    private long largestAcknowledged = -1;
    private long deadlineNanos = NEVER;

    /**
     * Creates a schedule for one number space.
     *
     * @param received      its packets
     * @param minDelayNanos the least that the peer may ask for; it was announced as min_ack_delay
     * @param maxDelayNanos how long an acknowledgement may wait; 0 for Initial and Handshake packets, where it never
     *                      does
     */
    public AckSchedule(ReceivedPackets received, long minDelayNanos, long maxDelayNanos) {
        this.received = received;
        this.minDelayNanos = minDelayNanos;
        this.maxDelayNanos = maxDelayNanos;
    }

    /**
     * Takes in a packet, before it is {@linkplain ReceivedPackets#onReceived noted as received}.
     *
     * @param number       its number
     * @param ackEliciting whether something in it asks for an acknowledgement
     * @param mark         that of its datagram
     * @param nowNanos     now
     */
    public void onReceiving(long number, boolean ackEliciting, Ecn mark, long nowNanos) {
        if (!ackEliciting) {
            return;
        }
        waiting++;
        boolean inOrder = number == received.largest() + 1;
        boolean atOnce = waiting > elicitingThreshold
                || mark == Ecn.CE
                || (reorderingThreshold == 1 && !inOrder)
                || (reorderingThreshold > 1 && leavesGap(number));
        deadlineNanos = Math.min(deadlineNanos, atOnce ? nowNanos : nowNanos + maxDelayNanos);
    }

    /**
     * Takes in that the peer asks for an acknowledgement at once.
     *
     * @param nowNanos now
     */
    public void onImmediateAck(long nowNanos) {
        deadlineNanos = Math.min(deadlineNanos, nowNanos);
    }

    /**
     * Takes in how often the peer wants acknowledgements; one that was overtaken by a newer one is ignored.
     *
     * @param frame from the peer
     */
    public void onAckFrequency(ConnectionFrame.AckFrequency frame) {
        if (frame.sequence() <= frequencySequence) {
            return;
        }
        frequencySequence = frame.sequence();
        elicitingThreshold = frame.elicitingThreshold();
        reorderingThreshold = frame.reorderingThreshold();
        long wantedNanos = frame.maxAckDelayMicros() > Long.MAX_VALUE / NANOS_PER_MICRO
                ? Long.MAX_VALUE
                : frame.maxAckDelayMicros() * NANOS_PER_MICRO;
        maxDelayNanos = Math.clamp(wantedNanos, minDelayNanos, MAX_DELAY_NANOS);
    }

    /** Takes in that all that was received was acknowledged. */
    public void onAckSent() {
        waiting = 0;
        deadlineNanos = NEVER;
        largestAcknowledged = received.largest();
    }

    /**
     * {@return when an acknowledgement has to be sent, or {@link #NEVER}; one may be sent before, along with other
     * things}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /**
     * {@return whether an acknowledgement has to be sent now}
     *
     * @param nowNanos now
     */
    public boolean isDue(long nowNanos) {
        return deadlineNanos <= nowNanos;
    }

    /**
     * {@return whether something has come that asks for an acknowledgement and has none}
     */
    public boolean hasSomethingToAcknowledge() {
        return deadlineNanos != NEVER;
    }

    /** Whether a packet is missing for so long that the peer can take it for lost once it hears of it. */
    private boolean leavesGap(long number) {
        long largest = Math.max(number, received.largest());
        long reported = largestAcknowledged - reorderingThreshold;
        var missing = received.lowestMissingAbove(Math.max(-1, reported));
        long lowestMissing = missing.orElse(received.largest() + 1);
        return lowestMissing != number && lowestMissing < largest && largest - lowestMissing >= reorderingThreshold;
    }
}
