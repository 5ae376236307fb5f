package io.teahouse.quic.frame;

import java.util.Optional;

/** Which packets were received, and how they were marked. */
public sealed interface AckFrame extends Frame {
    /**
     * {@return the path whose packets are acknowledged; 0 in number spaces that have no paths}
     */
    long pathId();

    /**
     * {@return which packets}
     */
    AckRanges ranges();

    /**
     * {@return how long the largest was held back, in units of the sender's ack_delay_exponent}
     */
    long delay();

    /**
     * {@return how the packets of the space were marked, if the sender tells}
     */
    Optional<EcnCounts> ecn();

    /**
     * Packets of this packet's own number space, or in 1-RTT of path 0 (RFC 9000, section 19.3).
     *
     * @param ranges which packets
     * @param delay  how long the largest was held back, in units of the sender's ack_delay_exponent
     * @param ecn    how the packets of the space were marked
     */
    record Ack(AckRanges ranges, long delay, Optional<EcnCounts> ecn) implements AckFrame {
        @Override
        public long pathId() {
            return 0;
        }

        @Override
        public FrameType type() {
            return FrameType.ACK;
        }
    }

    /**
     * Packets of a path (iroh QUIC spec, section 2.2).
     *
     * @param pathId the path, 0 to 2^32 - 1
     * @param ranges which packets
     * @param delay  how long the largest was held back, in units of the sender's ack_delay_exponent
     * @param ecn    how the packets of the space were marked
     */
    record PathAck(long pathId, AckRanges ranges, long delay, Optional<EcnCounts> ecn) implements AckFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_ACK;
        }
    }
}
