package io.teahouse.quic.stream;

import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;

/**
 * How many streams of one kind the peer has opened and may open (RFC 9000, section 4.6).
 *
 * <p>As streams end, others may be opened, so that a number of them can be open at a time. Not thread-safe.
 */
final class PeerStreamCount {
    private static final int STEPS = 8;

    private final long atATime;
    private long limit;
    private long opened;
    private long ended;

    PeerStreamCount(long atATime) {
        this.atATime = atATime;
        this.limit = atATime;
    }

    /** Breaks off if the peer may not have a stream of this index. */
    void require(long index) throws TransportException {
        if (index >= limit) {
            throw new TransportException(
                    TransportError.STREAM_LIMIT_ERROR,
                    "stream number %d of its kind (expected: %d at most)".formatted(index + 1, limit));
        }
    }

    /** How many streams were opened; those of lower indexes are all open or have ended. */
    long opened() {
        return opened;
    }

    void onOpened() {
        opened++;
    }

    void onEnded() {
        ended++;
    }

    boolean isWorthTelling() {
        return nextLimit() - limit >= Math.max(1, atATime / STEPS);
    }

    long raise() {
        limit = nextLimit();
        return limit;
    }

    long limit() {
        return limit;
    }

    private long nextLimit() {
        return Math.max(limit, Math.min(StreamFrame.MAX_STREAMS, ended + atATime));
    }
}
