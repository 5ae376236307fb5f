package io.teahouse.relay.protocol;

import java.nio.ByteBuffer;

/**
 * One datagram, or several of equal size that travel as one batch (iroh relay spec, section 4.1).
 *
 * <p>In a batch, the contents are datagrams of {@code segmentSize} bytes one after the other; the last may be shorter. A
 * segment size at or above the length of the contents is legal and means one datagram.
 *
 * <p>The contents are a read-only view, not a copy: what {@link FrameCodec} decoded is valid as long as the bytes of the
 * message are left alone. Two values are equal when ECN, segment size and contents are. As safe to share between threads
 * as those bytes are.
 *
 * @param ecn         ECN codepoint of the IP header, 0 to 3: 0 not ECT, 1 ECT(1), 2 ECT(0), 3 CE
 * @param segmentSize bytes of each datagram in a batch, 1 to 65535; 0 if this is not a batch
 * @param contents    the bytes. A decoded value may hold none of them, or more than can be delivered; a sent one must
 *                    hold 1 to {@link FrameLayout#MAX_DATAGRAM_CONTENTS} or, in a batch,
 *                    {@link FrameLayout#MAX_BATCH_CONTENTS} bytes
 */
public record Datagrams(int ecn, int segmentSize, ByteBuffer contents) {
    private static final int SEGMENT_SIZE_MAX = 0xffff;

    /**
     * Takes a view of the contents, from the buffer's position to its limit.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Datagrams {
        if (ecn < 0 || ecn > FrameLayout.ECN_MASK) {
            throw new IllegalArgumentException("ecn: %d (expected: 0 to 3)".formatted(ecn));
        }
        if (segmentSize < 0 || segmentSize > SEGMENT_SIZE_MAX) {
            throw new IllegalArgumentException("segmentSize: %d (expected: 0 to 65535)".formatted(segmentSize));
        }
        contents = contents.asReadOnlyBuffer();
    }

    /**
     * {@return a read-only buffer over the contents; reading it does not change this value}
     */
    @Override
    public ByteBuffer contents() {
        return contents.duplicate();
    }

    /**
     * {@return whether this travels as a batch}
     */
    public boolean isBatch() {
        return segmentSize != 0;
    }

    /**
     * {@return whether a frame can carry the contents: they are not empty and not too large}
     */
    public boolean isDeliverable() {
        return contents.hasRemaining() && contents.remaining() <= lengthMax();
    }

    /**
     * {@return the most that the contents of a single datagram or of a batch, whichever this is, may hold, in bytes}
     */
    int lengthMax() {
        return isBatch() ? FrameLayout.MAX_BATCH_CONTENTS : FrameLayout.MAX_DATAGRAM_CONTENTS;
    }

    /** Shows how much there is, not what. */
    @Override
    public String toString() {
        return isBatch()
                ? "Datagrams[ecn=%d, %d bytes in segments of %d]".formatted(ecn, contents.remaining(), segmentSize)
                : "Datagrams[ecn=%d, %d bytes]".formatted(ecn, contents.remaining());
    }
}
