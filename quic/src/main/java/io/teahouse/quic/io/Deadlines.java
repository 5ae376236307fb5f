package io.teahouse.quic.io;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** When each connection wants to be called, the next one first: a heap whose entries can be moved. Not thread-safe. */
final class Deadlines {
    static final long NEVER = Long.MAX_VALUE;

    /** Something with a deadline; has at most one in one of these. */
    abstract static class Entry {
        private static final int NOWHERE = -1;

        private int index = NOWHERE;
        private long deadline = NEVER;
    }

    private @Nullable Entry[] heap = new Entry[16];
    private int size;

    /** Returns when the next one is due. */
    long next() {
        var first = heap[0];
        return first == null ? NEVER : first.deadline;
    }

    /** Sets when something is due; never takes it out. */
    void set(Entry entry, long deadline) {
        if (entry.index != Entry.NOWHERE) {
            if (entry.deadline == deadline) {
                return;
            }
            if (deadline == NEVER) {
                remove(entry);
                return;
            }
            entry.deadline = deadline;
            down(entry, up(entry, entry.index));
        } else if (deadline != NEVER) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            entry.deadline = deadline;
            up(entry, size++);
        }
    }

    /** Takes out the next one that is due, or returns null. */
    @Nullable
    Entry poll(long now) {
        var first = heap[0];
        if (first == null || first.deadline > now) {
            return null;
        }
        remove(first);
        return first;
    }

    private void remove(Entry entry) {
        int at = entry.index;
        entry.index = Entry.NOWHERE;
        entry.deadline = NEVER;
        var last = heap[--size];
        heap[size] = null;
        if (last != null && at < size) {
            down(last, up(last, at));
        }
    }

    /** Puts an entry at a place, or nearer to the top; returns where. */
    private int up(Entry entry, int from) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) / 2;
            var above = at(parent);
            if (above.deadline <= entry.deadline) {
                break;
            }
            put(above, at);
            at = parent;
        }
        put(entry, at);
        return at;
    }

    private void down(Entry entry, int from) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && at(child + 1).deadline < at(child).deadline) {
                child++;
            }
            var below = at(child);
            if (below.deadline >= entry.deadline) {
                break;
            }
            put(below, at);
            at = child;
        }
        put(entry, at);
    }

    private Entry at(int index) {
        var entry = heap[index];
        if (entry == null) {
            throw new IllegalStateException("deadlines: a hole at " + index);
        }
        return entry;
    }

    private void put(Entry entry, int index) {
        heap[index] = entry;
        entry.index = index;
    }
}
