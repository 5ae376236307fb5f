package io.teahouse.quic.stream;

import io.teahouse.quic.range.RangeSet;
import java.nio.ByteBuffer;

/**
 * Puts the bytes of a stream into order: pieces come in any order and more than once, and go out as they follow each
 * other.
 *
 * <p>How far ahead a piece may lie is limited by the caller, through flow control; how many gaps there may be, here,
 * since gaps cost memory that flow control does not see. Not thread-safe.
 */
public final class ReceiveBuffer {
    private final int maxGaps;
    private final StreamBytes bytes = new StreamBytes();

    /** What was received and not read. */
    private final RangeSet received = new RangeSet();

    private long readOffset;

    /**
     * Creates an empty one.
     *
     * @param maxGaps how many gaps there may be between what was received
     */
    public ReceiveBuffer(int maxGaps) {
        this.maxGaps = maxGaps;
    }

    /**
     * Takes in a piece.
     *
     * @param offset of its first byte
     * @param data   its bytes, used up
     * @return whether it could be taken in; if not there are too many gaps, and the connection has to end
     */
    public boolean insert(long offset, ByteBuffer data) {
        long skipped = Math.min(data.remaining(), Math.max(0, readOffset - offset));
        data.position(data.position() + (int) skipped);
        if (!data.hasRemaining()) {
            return true;
        }
        long from = offset + skipped;
        received.add(from, from + data.remaining());
        bytes.put(from, data);
        return received.count() <= maxGaps + 1;
    }

    /**
     * Hands out bytes that follow on what was read before.
     *
     * @param out gets as many as there are and fit
     * @return how many that were
     */
    public int read(ByteBuffer out) {
        int length = (int) Math.min(out.remaining(), readable());
        if (length > 0) {
            bytes.copyTo(readOffset, length, out);
            received.remove(readOffset, readOffset + length);
            readOffset += length;
            bytes.discardBefore(readOffset);
        }
        return length;
    }

    /**
     * {@return how many bytes could be read now}
     */
    public long readable() {
        return received.isEmpty() || received.start(0) > readOffset ? 0 : received.end(0) - readOffset;
    }

    /**
     * {@return how many bytes were read}
     */
    public long readOffset() {
        return readOffset;
    }

    /** How many bytes of memory the data takes. */
    long footprint() {
        return bytes.footprint();
    }
}
