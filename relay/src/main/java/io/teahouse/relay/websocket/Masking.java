package io.teahouse.relay.websocket;

import io.netty.buffer.ByteBuf;

/**
 * Applies the masking of RFC 6455, section 5.3, eight bytes at a time, while copying.
 *
 * <p>This is the fast path: it is the one pass over the bytes that a forwarded datagram costs. A key is the four bytes
 * as they are on the wire, read as a little-endian {@code int}; so on every machine the byte that is masked first is
 * the lowest one, and a mask of 0 leaves the bytes as they are.
 */
public final class Masking {
    private Masking() {}

    /**
     * Copies bytes and unmasks them on the way.
     *
     * @param source      where the masked bytes are; its indices are left alone
     * @param sourceIndex first byte to read
     * @param target      where the clear bytes go; its indices are left alone
     * @param targetIndex first byte to write
     * @param length      how many bytes, 0 or more; both buffers must hold them
     * @param mask        the key, rotated so that its lowest byte belongs to the first byte read
     */
    public static void copy(ByteBuf source, int sourceIndex, ByteBuf target, int targetIndex, int length, int mask) {
        if (mask == 0) {
            target.setBytes(targetIndex, source, sourceIndex, length);
            return;
        }
        long wide = (Integer.toUnsignedLong(mask) << 32) | Integer.toUnsignedLong(mask);
        int i = 0;
        for (int end = length - 31; i < end; i += 32) {
            target.setLongLE(targetIndex + i, source.getLongLE(sourceIndex + i) ^ wide);
            target.setLongLE(targetIndex + i + 8, source.getLongLE(sourceIndex + i + 8) ^ wide);
            target.setLongLE(targetIndex + i + 16, source.getLongLE(sourceIndex + i + 16) ^ wide);
            target.setLongLE(targetIndex + i + 24, source.getLongLE(sourceIndex + i + 24) ^ wide);
        }
        for (int end = length - 7; i < end; i += 8) {
            target.setLongLE(targetIndex + i, source.getLongLE(sourceIndex + i) ^ wide);
        }
        for (; i < length; i++) {
            target.setByte(targetIndex + i, source.getByte(sourceIndex + i) ^ (mask >>> ((i & 3) * 8)));
        }
    }

    /**
     * {@return the key for the bytes that begin {@code offset} bytes later}
     *
     * @param mask   a key
     * @param offset how far to move on, 0 or more
     */
    public static int rotate(int mask, int offset) {
        return Integer.rotateRight(mask, (offset & 3) * 8);
    }
}
