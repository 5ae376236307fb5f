package io.teahouse.quic.frame;

import java.util.Arrays;

/**
 * Which packet numbers are acknowledged: ranges that neither meet nor overlap, the highest first.
 *
 * <p>Never empty. Immutable.
 */
public final class AckRanges {
    /** Largest and smallest of each range, alternating, strictly descending with gaps between the ranges. */
    private final long[] bounds;

    private AckRanges(long[] bounds) {
        this.bounds = bounds;
    }

    /**
     * {@return the one range}
     *
     * @param smallest its first number, 0 or more
     * @param largest  its last number
     */
    public static AckRanges of(long smallest, long largest) {
        return ofBounds(largest, smallest);
    }

    /**
     * {@return the ranges with these bounds}
     *
     * @param bounds largest and smallest number of the highest range, then of the next, and so on; copied
     */
    public static AckRanges ofBounds(long... bounds) {
        if (bounds.length == 0 || bounds.length % 2 != 0) {
            throw new IllegalArgumentException("bounds: %d (expected: two for each range)".formatted(bounds.length));
        }
        long above = Long.MAX_VALUE;
        for (int index = 0; index < bounds.length; index += 2) {
            long largest = bounds[index];
            long smallest = bounds[index + 1];
            if (smallest < 0 || smallest > largest || largest >= above - 1) {
                throw new IllegalArgumentException(
                        "bounds: %s (expected: descending, with gaps)".formatted(Arrays.toString(bounds)));
            }
            above = smallest;
        }
        return new AckRanges(bounds.clone());
    }

    /** The ranges with these bounds, which the caller has checked and gives away. */
    static AckRanges ofCheckedBounds(long[] bounds) {
        return new AckRanges(bounds);
    }

    /**
     * {@return how many ranges there are, 1 or more}
     */
    public int count() {
        return bounds.length / 2;
    }

    /**
     * {@return the last number of a range}
     *
     * @param index 0 for the highest
     */
    public long largest(int index) {
        return bounds[2 * index];
    }

    /**
     * {@return the first number of a range}
     *
     * @param index 0 for the highest
     */
    public long smallest(int index) {
        return bounds[2 * index + 1];
    }

    /**
     * {@return the largest number of all}
     */
    public long largest() {
        return bounds[0];
    }

    /**
     * {@return whether a number is acknowledged}
     *
     * @param number any
     */
    public boolean contains(long number) {
        for (int index = 0; index < count(); index++) {
            if (number >= smallest(index)) {
                return number <= largest(index);
            }
        }
        return false;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AckRanges that && Arrays.equals(bounds, that.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /**
     * {@return the ranges as {@code [7-9, 3-3]}}
     */
    @Override
    public String toString() {
        var text = new StringBuilder("[");
        for (int index = 0; index < count(); index++) {
            text.append(index == 0 ? "" : ", ")
                    .append(smallest(index))
                    .append('-')
                    .append(largest(index));
        }
        return text.append(']').toString();
    }
}
