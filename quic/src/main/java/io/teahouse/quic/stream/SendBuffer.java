package io.teahouse.quic.stream;

import io.teahouse.quic.range.RangeSet;
import java.nio.ByteBuffer;

/**
 * Keeps the bytes of a stream until the peer has them: what is new, what is on its way, what was lost and has to go
 * again.
 *
 * <p>What was lost goes before what is new, the lowest first. The caller limits how much is written into it. Not
 * thread-safe.
 */
public final class SendBuffer {
    private final StreamBytes bytes = new StreamBytes();

    /** What the peer has, all of it above {@link #acknowledgedOffset}. */
    private final RangeSet acknowledged = new RangeSet();

    /** What was sent, is not acknowledged, and has to be sent again. */
    private final RangeSet lost = new RangeSet();

    /** All before this the peer has. */
    private long acknowledgedOffset;

    private long sentOffset;
    private long writtenOffset;

    /** Creates an empty one. */
    public SendBuffer() {}

    /**
     * Takes in bytes behind all others.
     *
     * @param data used up
     */
    public void write(ByteBuffer data) {
        int length = data.remaining();
        bytes.put(writtenOffset, data);
        writtenOffset += length;
    }

    /**
     * {@return how many bytes are kept since the peer may not have them}
     */
    public long buffered() {
        return writtenOffset - acknowledgedOffset;
    }

    /**
     * {@return how many bytes were written in all}
     */
    public long writtenOffset() {
        return writtenOffset;
    }

    /**
     * {@return how many bytes were sent at least once}
     */
    public long sentOffset() {
        return sentOffset;
    }

    /**
     * {@return whether something was lost and has to be sent again}
     */
    public boolean hasLost() {
        return !lost.isEmpty();
    }

    /**
     * {@return whether the peer has all that was written}
     */
    public boolean isAcknowledged() {
        return acknowledgedOffset == writtenOffset;
    }

    /**
     * {@return where the next piece to send begins}
     */
    public long nextOffset() {
        return lost.isEmpty() ? sentOffset : lost.start(0);
    }

    /**
     * {@return how many bytes the next piece to send has, 0 if there is none}
     *
     * @param max   how many there is room for
     * @param limit up to which offset new bytes may be sent; what was sent before may always be sent again
     */
    public int nextLength(int max, long limit) {
        long end = lost.isEmpty() ? Math.min(writtenOffset, Math.max(sentOffset, limit)) : lost.end(0);
        return (int) Math.min(max, end - nextOffset());
    }

    /**
     * Takes the next piece out to be sent.
     *
     * @param length as {@link #nextLength} allows
     * @param out    gets the bytes
     */
    public void send(int length, ByteBuffer out) {
        long offset = nextOffset();
        bytes.copyTo(offset, length, out);
        if (lost.isEmpty()) {
            sentOffset += length;
        } else {
            lost.remove(offset, offset + length);
        }
    }

    /**
     * Takes in that the peer has a piece.
     *
     * @param offset where it begins
     * @param length how many bytes it has
     */
    public void onAcknowledged(long offset, long length) {
        long end = offset + length;
        assert end <= sentOffset : end;
        lost.remove(offset, end);
        if (end <= acknowledgedOffset) {
            return;
        }
        acknowledged.add(Math.max(offset, acknowledgedOffset), end);
        if (acknowledged.start(0) == acknowledgedOffset) {
            acknowledgedOffset = acknowledged.end(0);
            acknowledged.remove(acknowledged.start(0), acknowledgedOffset);
            bytes.discardBefore(acknowledgedOffset);
        }
    }

    /**
     * Takes in that a piece has to be sent again, as far as the peer has not got it in another packet.
     *
     * @param offset where it begins
     * @param length how many bytes it has
     */
    public void onLost(long offset, long length) {
        long from = Math.max(offset, acknowledgedOffset);
        long to = offset + length;
        if (from >= to) {
            return;
        }
        lost.add(from, to);
        for (int index = 0; index < acknowledged.count(); index++) {
            lost.remove(acknowledged.start(index), acknowledged.end(index));
        }
    }

    /** Makes all that is on its way be sent again: a Retry packet has shown that nobody has it. */
    public void onAllLost() {
        onLost(0, sentOffset);
    }

    /** Takes all for unsent: nobody has looked at what was sent, and its bytes count anew. */
    public void rewind() {
        assert acknowledgedOffset == 0 && acknowledged.isEmpty();
        sentOffset = 0;
        lost.remove(0, writtenOffset);
    }

    /** How many bytes of memory the data takes. */
    long footprint() {
        return bytes.footprint();
    }
}
