package io.teahouse.relay.client;

import java.util.function.Consumer;

/**
 * The keys that frames are masked with: strong randomness (RFC 6455, section 5.3), fetched for many frames at once, since a
 * call costs about the same for one key as for a hundred.
 *
 * <p>Not thread-safe.
 */
@SansIo
final class MaskKeys {
    private static final int BLOCK_BYTES = 512;

    private final Consumer<byte[]> random;
    private final byte[] block = new byte[BLOCK_BYTES];
    private int used = BLOCK_BYTES;

    /** Creates keys out of a source of randomness, which fills arrays. */
    MaskKeys(Consumer<byte[]> random) {
        this.random = random;
    }

    int next() {
        if (used == BLOCK_BYTES) {
            random.accept(block);
            used = 0;
        }
        int key = (block[used] & 0xFF)
                | (block[used + 1] & 0xFF) << 8
                | (block[used + 2] & 0xFF) << 16
                | (block[used + 3] & 0xFF) << 24;
        used += Integer.BYTES;
        return key;
    }
}
