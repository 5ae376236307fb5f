package io.teahouse.quic.io;

import java.nio.ByteBuffer;

/** Bytes that wait between two threads: grows as it is needed, up to a limit. Not thread-safe. */
final class ByteRing {
    private static final int FIRST_CAPACITY = 4096;

    private final int maxCapacity;
    private byte[] bytes = new byte[0];
    private int start;
    private int size;

    /** Powers of two only. */
    ByteRing(int maxCapacity) {
        this.maxCapacity = maxCapacity;
    }

    int size() {
        return size;
    }

    int room() {
        return maxCapacity - size;
    }

    /** Puts in what fits; returns how many bytes that were. */
    int put(byte[] from, int offset, int length) {
        int taken = Math.min(length, room());
        reserve(taken);
        int at = start + size & bytes.length - 1;
        int first = Math.min(taken, bytes.length - at);
        System.arraycopy(from, offset, bytes, at, first);
        System.arraycopy(from, offset + first, bytes, 0, taken - first);
        size += taken;
        return taken;
    }

    /** Takes out what is there and fits; returns how many bytes that were. */
    int take(byte[] into, int offset, int length) {
        int taken = Math.min(length, size);
        int first = Math.min(taken, bytes.length - start);
        System.arraycopy(bytes, start, into, offset, first);
        System.arraycopy(bytes, 0, into, offset + first, taken - first);
        discard(taken);
        return taken;
    }

    /** Returns what is there, up to the end of the array: what was looked at has to be {@linkplain #discard discarded}. */
    ByteBuffer peek() {
        return ByteBuffer.wrap(bytes, start, Math.min(size, bytes.length - start));
    }

    void discard(int count) {
        size -= count;
        start = size == 0 ? 0 : start + count & bytes.length - 1;
    }

    /** Returns room to be filled, up to the end of the array; what was filled has to be {@linkplain #filled said}. */
    ByteBuffer free(int wanted) {
        int taken = Math.min(wanted, room());
        reserve(taken);
        int at = start + size & bytes.length - 1;
        return ByteBuffer.wrap(bytes, at, Math.min(taken, bytes.length - at));
    }

    void filled(int count) {
        size += count;
    }

    void clear() {
        bytes = new byte[0];
        start = 0;
        size = 0;
    }

    private void reserve(int more) {
        if (size + more <= bytes.length) {
            return;
        }
        int capacity = Math.max(FIRST_CAPACITY, bytes.length);
        while (capacity < size + more) {
            capacity *= 2;
        }
        var larger = new byte[capacity];
        int first = Math.min(size, bytes.length - start);
        System.arraycopy(bytes, start, larger, 0, first);
        System.arraycopy(bytes, 0, larger, first, size - first);
        bytes = larger;
        start = 0;
    }
}
