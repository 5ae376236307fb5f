package io.teahouse.relay.server.forwarding;

/**
 * What may wait for one receiver.
 *
 * <p>The byte limit lies above 256 frames or 2 MB, which is what one sender may have under way without losing any at
 * the reference (iroh relay spec, section 4.4).
 */
final class QueueLimits {
    /** Datagram frames that wait for one receiver at most. */
    static final int MAX_FRAMES = 512;

    /** Bytes of datagram frames that wait for one receiver at most. */
    static final int MAX_BYTES = 2_500_000;

    /** No datagram waits longer than this, in nanoseconds. */
    static final long MAX_AGE_NANOS = 2_000_000_000L;

    /** Largest batch of frames that is handed on as one buffer, in bytes: four full TLS records. */
    static final int BATCH_BYTES = 64 * 1024;

    /** A frame from this size on leaves in a buffer of its own instead of being copied into a batch, in bytes. */
    static final int LARGE_FRAME = 16 * 1024;

    /** Pongs, Status and Health frames that wait for one receiver at most; the oldest goes first. */
    static final int MAX_CONTROL_FRAMES = 64;

    /** EndpointGone frames that wait for one receiver at most; the oldest goes first. */
    static final int MAX_GONE_FRAMES = 1024;

    private QueueLimits() {}
}
