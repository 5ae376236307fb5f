package io.teahouse.core.bytes;

import java.nio.ByteBuffer;

/**
 * The variable-length integers of QUIC (RFC 9000, section 16): the two top bits of the first byte say how many bytes
 * there are, 1, 2, 4 or 8; the rest is the value, big-endian.
 *
 * <p>Written in the shortest form; any form is read. Buffers are big-endian, as they are made.
 */
public final class VarInt {
    /** The largest value: 2^62 - 1. */
    public static final long MAX = (1L << 62) - 1;

    /** What {@link #read} returns when the bytes end inside the integer. */
    public static final long TRUNCATED = -1;

    private VarInt() {}

    /**
     * {@return the next integer, 0 to {@link #MAX}, or {@link #TRUNCATED}, with the position left as it was}
     *
     * @param in big-endian; its position moves past the integer
     */
    public static long read(ByteBuffer in) {
        if (!in.hasRemaining()) {
            return TRUNCATED;
        }
        byte first = in.get(in.position());
        int length = 1 << ((first & 0xc0) >> 6);
        if (in.remaining() < length) {
            return TRUNCATED;
        }
        return switch (length) {
            case 1 -> in.get();
            case 2 -> in.getShort() & 0x3fff;
            case 4 -> in.getInt() & 0x3fff_ffff;
            default -> in.getLong() & MAX;
        };
    }

    /**
     * Writes an integer.
     *
     * @param value 0 to {@link #MAX}
     * @param out   big-endian, with room for {@link #size} bytes; its position moves past them
     */
    public static void write(long value, ByteBuffer out) {
        switch (size(value)) {
            case 1 -> out.put((byte) value);
            case 2 -> out.putShort((short) (value | 0x4000));
            case 4 -> out.putInt((int) (value | 0x8000_0000));
            default -> out.putLong(value | 0xc000_0000_0000_0000L);
        }
    }

    /**
     * {@return how many bytes the shortest form takes: 1, 2, 4 or 8}
     *
     * @param value 0 to {@link #MAX}
     */
    public static int size(long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("value: %d (expected: 0 to 2^62 - 1)".formatted(value));
        }
        if (value < 1 << 6) {
            return 1;
        }
        if (value < 1 << 14) {
            return 2;
        }
        return value < 1 << 30 ? 4 : 8;
    }
}
