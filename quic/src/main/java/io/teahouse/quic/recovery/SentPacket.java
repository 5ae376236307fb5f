package io.teahouse.quic.recovery;

/**
 * A packet that was sent, until it is known what became of it.
 *
 * @param number       its number
 * @param sentAtNanos  when
 * @param size         how many bytes it took in the datagram
 * @param ackEliciting whether the peer has to acknowledge it soon
 * @param inFlight     whether it counts for congestion control: it is ack-eliciting or has padding
 * @param onPath       whether it was sent to the path's own address; a probe to another one says nothing about the path
 * @param ecnMarked    whether its datagram was marked ECT(0)
 * @param content      what was in it, for whoever has to send it again
 * @param <C>          what that is
 */
public record SentPacket<C>(
        long number,
        long sentAtNanos,
        int size,
        boolean ackEliciting,
        boolean inFlight,
        boolean onPath,
        boolean ecnMarked,
        C content) {}
