package io.teahouse.core.bytes;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The variable-length integers of postcard: unsigned LEB128, seven bits a byte, lowest first, the top bit set on all
 * bytes but the last.
 *
 * <p>Written in the shortest form. Longer forms are read too, up to the number of bytes that the largest value of
 * the type may take (iroh relay spec, section 3).
 */
public final class Leb128 {
    private static final int BITS = 7;

    private Leb128() {}

    /**
     * {@return the next integer, unsigned; empty if the bytes end inside it or it does not fit}
     *
     * @param in   its position moves past what was read
     * @param bits how many bits the integer's type has: 16, 32 or 64
     */
    public static OptionalLong read(ByteBuffer in, int bits) {
        long value = 0;
        for (int shift = 0; shift < bits && in.hasRemaining(); shift += BITS) {
            byte next = in.get();
            long payload = next & 0x7f;
            if (shift + BITS > bits && payload >>> (bits - shift) != 0) {
                return OptionalLong.empty();
            }
            value |= payload << shift;
            if (next >= 0) {
                return OptionalLong.of(value);
            }
        }
        return OptionalLong.empty();
    }

    /**
     * {@return the next integer as a number of things that follow, or -1 if it cannot be read or is larger than the
     * number of bytes that follow}
     *
     * <p>So what it returns may be allocated: nothing that takes a byte can follow more often.
     *
     * @param in its position moves past what was read
     */
    public static int readLength(ByteBuffer in) {
        OptionalLong length = read(in, Long.SIZE);
        return length.isPresent() && Long.compareUnsigned(length.getAsLong(), in.remaining()) <= 0
                ? (int) length.getAsLong()
                : -1;
    }

    /**
     * Writes an integer.
     *
     * @param value unsigned, all 64 bits
     * @param out   has room for {@link #size} bytes; its position moves past them
     */
    public static void write(long value, ByteBuffer out) {
        long rest = value;
        while (rest >>> BITS != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= BITS;
        }
        out.put((byte) rest);
    }

    /**
     * {@return how many bytes the shortest form takes, 1 to 10}
     *
     * @param value unsigned, all 64 bits
     */
    public static int size(long value) {
        int significantBits = Long.SIZE - Long.numberOfLeadingZeros(value);
        return Math.max(1, Math.ceilDiv(significantBits, BITS));
    }
}
