package io.teahouse.quic.recovery;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Things with growing numbers, in a ring from the oldest to the newest: those that were taken out leave holes until
 * they are the oldest.
 *
 * @param <T> the things
 */
final class NumberedRing<T> {
    private static final int INITIAL_CAPACITY = 64;

    private @Nullable Object[] ring = new @Nullable Object[INITIAL_CAPACITY];
    /** The number of the oldest, or {@link #end} if there is none. */
    private long first;
    /** One above the newest number. */
    private long end;

    private int count;

    /** Adds a thing that is newer than all others. */
    void add(long number, T thing) {
        assert number >= end : number;
        if (count == 0) {
            first = number;
        }
        end = number + 1;
        while (end - first > ring.length) {
            grow();
        }
        ring[slot(number)] = thing;
        count++;
    }

    Optional<T> remove(long number) {
        var thing = get(number);
        if (thing.isPresent()) {
            ring[slot(number)] = null;
            count--;
            while (first < end && ring[slot(first)] == null) {
                first++;
            }
        }
        return thing;
    }

    @SuppressWarnings("unchecked") // only add puts something into the ring
    Optional<T> get(long number) {
        return number < first || number >= end ? Optional.empty() : Optional.ofNullable((T) ring[slot(number)]);
    }

    long first() {
        return first;
    }

    long end() {
        return end;
    }

    int count() {
        return count;
    }

    int capacity() {
        return ring.length;
    }

    private void grow() {
        @Nullable Object[] smaller = ring;
        ring = Arrays.copyOf(smaller, 2 * smaller.length);
        Arrays.fill(ring, null);
        // The newest number has no place yet.
        for (long number = first; number < end - 1 && number < first + smaller.length; number++) {
            ring[slot(number)] = smaller[(int) (number & (smaller.length - 1))];
        }
    }

    private int slot(long number) {
        return (int) (number & (ring.length - 1));
    }
}
