package io.teahouse.quic.frame;

/**
 * What a packet's payload says: one statement of one side to the other.
 *
 * <p>A closed family in five groups. {@link FrameDecoder} and {@link FrameEncoder} turn frames into bytes and back.
 * Numbers are QUIC's, 0 to 2^62 - 1, unless a frame says otherwise. Buffers in frames are read-only, and views of the
 * packet that they came in: what is kept beyond that has to be copied. Each frame hands out a buffer of its own, so
 * that reading it does not use it up.
 */
public sealed interface Frame permits AckFrame, AddressFrame, ConnectionFrame, PathFrame, StreamFrame {
    /** The largest path id. */
    long MAX_PATH_ID = (1L << 32) - 1;

    /**
     * {@return what kind of frame it is}
     */
    FrameType type();
}
