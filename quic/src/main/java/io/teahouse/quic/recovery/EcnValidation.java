package io.teahouse.quic.recovery;

import io.teahouse.quic.frame.EcnCounts;
import java.util.Optional;

/**
 * Finds out whether a path and the peer carry ECN marks, and stops marking if not (RFC 9000, section 13.4.2 and
 * appendix A.4).
 *
 * <p>Each path has its own. Not thread-safe.
 */
public final class EcnValidation {
    /** How many packets are marked before the first acknowledgement must have told of a mark. */
    static final int TEST_PACKETS = 10;

    private enum State {
        /** The first packets are marked. */
        TESTING,
        /** Enough are; what comes back decides. */
        UNKNOWN,
        /** All are marked. */
        CAPABLE,
        /** None is. */
        FAILED
    }

    private State state = State.TESTING;
    private long markedSent;
    private long markedAcknowledged;
    private long markedLost;
    private EcnCounts last = EcnCounts.NONE;

    /** Creates one for a new path. */
    public EcnValidation() {}

    /**
     * {@return how the next packet is to be marked}
     */
    public Ecn mark() {
        return state == State.TESTING || state == State.CAPABLE ? Ecn.ECT0 : Ecn.NOT_ECT;
    }

    /** Takes in that a packet was sent with a mark. */
    public void onMarkedSent() {
        markedSent++;
        if (state == State.TESTING && markedSent >= TEST_PACKETS) {
            state = State.UNKNOWN;
        }
    }

    /** Takes in that a packet with a mark was lost; if all are, the marks may be why. */
    public void onMarkedLost() {
        markedLost++;
        if (state == State.UNKNOWN && markedAcknowledged == 0 && markedLost >= markedSent) {
            state = State.FAILED;
        }
    }

    /**
     * Takes in an acknowledgement that has raised the largest acknowledged number; others may have been overtaken, and
     * say nothing.
     *
     * @param newlyMarked how many packets with a mark it newly acknowledges
     * @param counts      what it says about marks
     * @return how many packets more than before have met congestion; more than 0 is to be taken for a loss
     */
    public long onAcknowledged(long newlyMarked, Optional<EcnCounts> counts) {
        if (state == State.FAILED) {
            return 0;
        }
        markedAcknowledged += newlyMarked;
        if (counts.isEmpty()) {
            if (newlyMarked > 0) {
                state = State.FAILED;
            }
            return 0;
        }
        long ect0 = counts.get().ect0() - last.ect0();
        long ect1 = counts.get().ect1() - last.ect1();
        long ce = counts.get().ce() - last.ce();
        last = counts.get();
        // Marks may vanish, be invented or changed on the way, and counts may go back: all that is no ground to stand
        // on.
        boolean wrong = ect0 < 0 || ect1 != 0 || ce < 0 || ect0 + ce < newlyMarked || last.ect0() > markedSent;
        if (wrong) {
            state = State.FAILED;
            return 0;
        }
        if (newlyMarked > 0) {
            state = State.CAPABLE;
        }
        return ce;
    }
}
