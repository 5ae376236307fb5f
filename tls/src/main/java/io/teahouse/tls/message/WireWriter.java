package io.teahouse.tls.message;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes the presentation language of TLS (RFC 8446, section 3) into a buffer that grows. Not thread-safe.
 *
 * <p>What is written is our own, so that a vector that does not fit its length is an {@link IllegalArgumentException}.
 */
public final class WireWriter {
    private byte[] bytes = new byte[256];
    private int length;

    /** Creates an empty one. */
    public WireWriter() {}

    /**
     * Writes one byte.
     *
     * @param value 0 to 255
     */
    public void writeU8(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    /**
     * Writes two bytes.
     *
     * @param value 0 to 65535
     */
    public void writeU16(int value) {
        writeU8(value >>> 8);
        writeU8(value);
    }

    /**
     * Writes four bytes.
     *
     * @param value 0 to 2^32 - 1
     */
    public void writeU32(long value) {
        writeU16((int) (value >>> 16));
        writeU16((int) value);
    }

    /**
     * Writes eight bytes.
     *
     * @param value any
     */
    public void writeU64(long value) {
        writeU32(value >>> 32);
        writeU32(value);
    }

    /**
     * Writes bytes as they are.
     *
     * @param value any
     */
    public void write(Opaque value) {
        write(value.bytes());
    }

    /**
     * Writes bytes as they are.
     *
     * @param value any
     */
    public void write(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    /**
     * Writes bytes behind their length.
     *
     * @param lengthBytes how many bytes the length takes, 1 to 3
     * @param value       at most as many as the length can say
     */
    public void writeOpaque(int lengthBytes, Opaque value) {
        writeVector(lengthBytes, out -> out.write(value));
    }

    /**
     * Writes a vector behind its length.
     *
     * @param lengthBytes how many bytes the length takes, 1 to 3
     * @param contents    writes what is in it, at most as many bytes as the length can say
     */
    public void writeVector(int lengthBytes, Consumer<WireWriter> contents) {
        int at = length;
        room(lengthBytes);
        length += lengthBytes;
        contents.accept(this);
        int size = length - at - lengthBytes;
        if ((size >>> (8 * lengthBytes)) != 0) {
            throw new IllegalArgumentException(
                    "vector: %d bytes (expected: less than 2^%d)".formatted(size, 8 * lengthBytes));
        }
        for (int index = 0; index < lengthBytes; index++) {
            bytes[at + index] = (byte) (size >>> (8 * (lengthBytes - 1 - index)));
        }
    }

    /**
     * {@return what was written}
     */
    public byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            byte[] grown = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
            Arrays.fill(bytes, (byte) 0); // it may hold the state that goes into a ticket
            bytes = grown;
        }
    }
}
