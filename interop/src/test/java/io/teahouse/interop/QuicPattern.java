package io.teahouse.interop;

import java.nio.ByteBuffer;

/** The bytes of the test protocol: the i-th is i mod 251. */
final class QuicPattern {
    private static final int PERIOD = 251;
    private static final int CHUNK = 64 * 1024;

    private static final byte[] BYTES = new byte[CHUNK + PERIOD];

    static {
        for (int i = 0; i < BYTES.length; i++) {
            BYTES[i] = (byte) (i % PERIOD);
        }
    }

    private QuicPattern() {}

    /**
     * {@return bytes from an offset on, a chunk at most}
     *
     * @param offset of the first one
     * @param limit  how many are wanted at most
     */
    static ByteBuffer from(long offset, long limit) {
        return ByteBuffer.wrap(BYTES, (int) (offset % PERIOD), (int) Math.min(limit, CHUNK));
    }

    /**
     * Compares what came with what should have come.
     *
     * @param offset of the first byte
     * @param data   from position to limit, a chunk at most
     */
    static void check(long offset, ByteBuffer data) {
        int wrong = data.mismatch(from(offset, data.remaining()));
        if (wrong >= 0) {
            throw new IllegalStateException("byte %d: wrong".formatted(offset + wrong));
        }
    }
}
