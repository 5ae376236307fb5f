package io.teahouse.quic.recovery;

import java.util.List;

/** Notices that nothing at all got through for long, after which a path has to be learned anew (RFC 9002, section 7.6). */
public final class PersistentCongestion {
    private static final int PROBE_TIMEOUTS = 3;

    private PersistentCongestion() {}

    /**
     * {@return whether lost packets show it}
     *
     * <p>Looks only at packets that follow each other without gaps, so that none of them can have been acknowledged;
     * in doubt the answer is no. What was sent before the first sample says nothing, since how long a probe timeout is
     * was only guessed then.
     *
     * @param lost             the packets of one number space that were found to be lost together, the lowest number
     *                         first
     * @param numbers          gave them their numbers
     * @param rtt              that of the path
     * @param maxAckDelayNanos how long the peer may hold acknowledgements back
     */
    public static boolean isIn(
            List<? extends SentPacket<?>> lost, PacketNumberSource numbers, RttEstimator rtt, long maxAckDelayNanos) {
        if (!rtt.hasSample()) {
            return false;
        }
        long durationNanos = PROBE_TIMEOUTS * rtt.probeTimeoutNanos(maxAckDelayNanos);
        long firstSentAtNanos = 0;
        boolean running = false;
        long previous = -1;
        for (SentPacket<?> packet : lost) {
            running &= previous + 1 == packet.number()
                    || (previous + 2 == packet.number() && !numbers.isUsed(previous + 1));
            previous = packet.number();
            boolean counts =
                    packet.is(SentPacket.Trait.ACK_ELICITING) && packet.sentAtNanos() >= rtt.firstSampleAtNanos();
            if (counts && running && packet.sentAtNanos() - firstSentAtNanos > durationNanos) {
                return true;
            }
            if (counts && !running) {
                running = true;
                firstSentAtNanos = packet.sentAtNanos();
            }
        }
        return false;
    }
}
