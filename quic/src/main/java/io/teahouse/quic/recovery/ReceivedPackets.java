package io.teahouse.quic.recovery;

import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.range.RangeSet;
import java.util.Optional;

/**
 * Which packets of one number space were received: to drop those that come twice, and to acknowledge (RFC 9000,
 * sections 12.3 and 13.2.3).
 *
 * <p>Not thread-safe. Bounded: {@link #MAX_RANGES} ranges; when a peer leaves more gaps than that, the lowest are
 * taken for received, and what would have filled them is dropped.
 */
public final class ReceivedPackets {
    /** How many ranges are remembered. */
    static final int MAX_RANGES = 256;

    /** How many ranges are acknowledged at a time. */
    static final int MAX_ACK_RANGES = 64;

    private final RangeSet received = new RangeSet();
    /** All below this is taken for received. */
    private long floor;
    /** All below this the peer knows to be received. */
    private long acknowledgedFloor;

    private long largest = -1;
    private long largestReceivedAtNanos;
    private EcnCounts ecn = EcnCounts.NONE;

    /** Creates one that has seen no packet. */
    public ReceivedPackets() {}

    /**
     * {@return whether a packet has not been received yet}
     *
     * @param number its number
     */
    public boolean isNew(long number) {
        return number >= floor && !received.contains(number);
    }

    /**
     * Takes in a packet that is new.
     *
     * @param number   its number
     * @param mark     that of its datagram
     * @param nowNanos now
     */
    public void onReceived(long number, Ecn mark, long nowNanos) {
        assert isNew(number) : number;
        if (number > largest) {
            largest = number;
            largestReceivedAtNanos = nowNanos;
        }
        received.add(number, number + 1);
        // Late: the peer knows of those around it, and not of this one.
        acknowledgedFloor = Math.min(acknowledgedFloor, number);
        if (received.count() > MAX_RANGES) {
            floor = received.end(0);
            received.remove(received.start(0), floor);
        }
        ecn = switch (mark) {
            case NOT_ECT -> ecn;
            case ECT0 -> new EcnCounts(ecn.ect0() + 1, ecn.ect1(), ecn.ce());
            case ECT1 -> new EcnCounts(ecn.ect0(), ecn.ect1() + 1, ecn.ce());
            case CE -> new EcnCounts(ecn.ect0(), ecn.ect1(), ecn.ce() + 1);
        };
    }

    /**
     * Takes in that the peer has an acknowledgement of ours: what that has said need not be said again (RFC 9000,
     * section 13.2.4).
     *
     * @param largestInIt the largest number that it acknowledged
     */
    public void onAckAcknowledged(long largestInIt) {
        acknowledgedFloor = Math.max(acknowledgedFloor, largestInIt + 1);
    }

    /**
     * {@return what to acknowledge, the highest first; empty if nothing was received, or the peer knows it all}
     */
    public Optional<AckRanges> ranges() {
        int count = 0;
        while (count < Math.min(received.count(), MAX_ACK_RANGES)
                && received.end(received.count() - 1 - count) > acknowledgedFloor) {
            count++;
        }
        if (count == 0) {
            return Optional.empty();
        }
        var bounds = new long[2 * count];
        for (int index = 0; index < count; index++) {
            int from = received.count() - 1 - index;
            bounds[2 * index] = received.end(from) - 1;
            bounds[2 * index + 1] = received.start(from);
        }
        return Optional.of(AckRanges.ofBounds(bounds));
    }

    /**
     * {@return how many packets had which mark}
     */
    public EcnCounts ecn() {
        return ecn;
    }

    /**
     * {@return the largest number, or -1 if nothing was received}
     */
    public long largest() {
        return largest;
    }

    /**
     * {@return when the packet with the largest number came}
     */
    public long largestReceivedAtNanos() {
        return largestReceivedAtNanos;
    }

    /**
     * {@return the lowest number above another that was not received, though a higher one was; or empty}
     *
     * @param number -1 or more
     */
    Optional<Long> lowestMissingAbove(long number) {
        long candidate = Math.max(number + 1, floor);
        for (int index = 0; index < received.count(); index++) {
            if (received.start(index) > candidate) {
                break;
            }
            candidate = Math.max(candidate, received.end(index));
        }
        return candidate < largest ? Optional.of(candidate) : Optional.empty();
    }
}
