package io.teahouse.quic.range;

import java.util.Arrays;

/**
 * A set of numbers, kept as ranges that neither overlap nor touch, the lowest first.
 *
 * <p>Costs memory for each range, not for each number; whoever lets a peer add to one has to bound {@link #count}.
 * Finding is a binary search; adding and removing move what lies above. Not thread-safe.
 */
public final class RangeSet {
    private static final int INITIAL_RANGES = 4;

    /** Start and end of each range, alternating; the ends are not in the range. */
    private long[] bounds = new long[2 * INITIAL_RANGES];

    private int count;

    /** Creates an empty set. */
    public RangeSet() {}

    /**
     * {@return how many ranges there are}
     */
    public int count() {
        return count;
    }

    /**
     * {@return whether there is no number at all}
     */
    public boolean isEmpty() {
        return count == 0;
    }

    /**
     * {@return the first number of a range}
     *
     * @param index 0 for the lowest
     */
    public long start(int index) {
        return bounds[2 * index];
    }

    /**
     * {@return the number behind the last one of a range}
     *
     * @param index 0 for the lowest
     */
    public long end(int index) {
        return bounds[2 * index + 1];
    }

    /**
     * {@return how many numbers there are}
     */
    public long size() {
        long size = 0;
        for (int index = 0; index < count; index++) {
            size += end(index) - start(index);
        }
        return size;
    }

    /**
     * {@return whether a number is there}
     *
     * @param number any
     */
    public boolean contains(long number) {
        int index = firstEndingAbove(number);
        return index < count && start(index) <= number;
    }

    /**
     * {@return whether all numbers of a range are there}
     *
     * @param from the first
     * @param to   the one behind the last; not below {@code from}
     */
    public boolean containsAll(long from, long to) {
        if (from == to) {
            return true;
        }
        int index = firstEndingAbove(from);
        return index < count && start(index) <= from && end(index) >= to;
    }

    /**
     * Adds a range.
     *
     * @param from the first number
     * @param to   the one behind the last; not below {@code from}
     */
    public void add(long from, long to) {
        if (from == to) {
            return;
        }
        assert from < to : from + " to " + to;
        // All ranges from first on and before last touch the new one, and become one with it.
        int first = firstEndingAbove(from - 1);
        int last = first;
        long mergedFrom = from;
        long mergedTo = to;
        while (last < count && start(last) <= to) {
            mergedFrom = Math.min(mergedFrom, start(last));
            mergedTo = Math.max(mergedTo, end(last));
            last++;
        }
        replace(first, last, 1);
        bounds[2 * first] = mergedFrom;
        bounds[2 * first + 1] = mergedTo;
    }

    /**
     * Takes a range away.
     *
     * @param from the first number
     * @param to   the one behind the last; not below {@code from}
     */
    public void remove(long from, long to) {
        if (from == to) {
            return;
        }
        assert from < to : from + " to " + to;
        int first = firstEndingAbove(from);
        int last = first;
        while (last < count && start(last) < to) {
            last++;
        }
        if (first == last) {
            return;
        }
        long below = start(first);
        long above = end(last - 1);
        int kept = (below < from ? 1 : 0) + (above > to ? 1 : 0);
        replace(first, last, kept);
        int index = first;
        if (below < from) {
            bounds[2 * index] = below;
            bounds[2 * index + 1] = from;
            index++;
        }
        if (above > to) {
            bounds[2 * index] = to;
            bounds[2 * index + 1] = above;
        }
    }

    /** Takes all numbers away. */
    public void clear() {
        count = 0;
    }

    /** Makes room for some ranges in place of those from first on and before last. */
    private void replace(int first, int last, int ranges) {
        int newCount = count - (last - first) + ranges;
        if (2 * newCount > bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * bounds.length);
        }
        System.arraycopy(bounds, 2 * last, bounds, 2 * (first + ranges), 2 * (count - last));
        count = newCount;
    }

    /** The lowest range that has numbers above this one, or what would be behind the last. */
    private int firstEndingAbove(long number) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (end(middle) > number) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * {@return the ranges as {@code [0-3, 7-7]}, ends included}
     */
    @Override
    public String toString() {
        var text = new StringBuilder("[");
        for (int index = 0; index < count; index++) {
            text.append(index == 0 ? "" : ", ").append(start(index)).append('-').append(end(index) - 1);
        }
        return text.append(']').toString();
    }
}
