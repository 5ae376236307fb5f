package io.teahouse.quic.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Numbers the packets of one number space, and leaves out one now and then: who acknowledges that one has not received
 * what it says (RFC 9000, section 21.4).
 *
 * <p>The first one is left out among the first 64, then one between each power of two and the next, so that fewer than
 * 60 have to be remembered. Not thread-safe.
 */
public final class PacketNumberSource {
    private static final long FIRST_RANGE = 64;

    private final RandomGenerator random;
    private final List<Long> skipped = new ArrayList<>();
    private long rangeEnd = FIRST_RANGE;
    private long nextSkip;
    private long next;

    /**
     * Creates one that begins with 0.
     *
     * @param random says which ones are left out
     */
    public PacketNumberSource(RandomGenerator random) {
        this.random = random;
        this.nextSkip = random.nextLong(FIRST_RANGE);
        leaveOut();
    }

    /**
     * {@return the number that the next packet gets}
     */
    public long peek() {
        return next;
    }

    /**
     * {@return the number of a packet that is sent now}
     */
    public long take() {
        long taken = next;
        next++;
        leaveOut();
        return taken;
    }

    /** Moves on from a number that is to be left out; the one behind it may be the next such. */
    private void leaveOut() {
        while (next == nextSkip) {
            skipped.add(next);
            next++;
            nextSkip = rangeEnd + random.nextLong(rangeEnd);
            rangeEnd *= 2;
        }
    }

    /**
     * {@return whether a number was given to a packet}
     *
     * @param number any
     */
    public boolean isUsed(long number) {
        return number >= 0 && number < next && !skipped.contains(number);
    }

    /**
     * {@return whether one of some numbers was left out, or not given yet}
     *
     * @param from the first
     * @param to   the last
     */
    public boolean hasUnused(long from, long to) {
        if (to >= next) {
            return true;
        }
        for (long number : skipped) {
            if (number >= from && number <= to) {
                return true;
            }
        }
        return false;
    }
}
