package io.teahouse.quic.stream;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;

/**
 * How much the peer may send, on one stream or on all together, and when to allow more (RFC 9000, section 4.1).
 *
 * <p>More is allowed as the application reads, not as the peer asks: iroh's endpoints do not ask, but wait. Told is it
 * in steps of an eighth of the window, so that not every packet is answered with a new limit. Not thread-safe.
 */
public final class ReceiveWindow {
    private static final int STEPS = 8;

    private final long size;
    private long limit;
    private long consumed;

    /**
     * Creates a window that the peer knows from the transport parameters.
     *
     * @param size how many bytes may be on their way or unread, 0 to 2^62 - 1
     */
    public ReceiveWindow(long size) {
        this.size = size;
        this.limit = size;
    }

    /**
     * Breaks off if the peer has sent more than it may.
     *
     * @param received up to which offset, or how many bytes in all
     * @param what     what the window is of, for the message
     * @throws TransportException with FLOW_CONTROL_ERROR
     */
    public void require(long received, String what) throws TransportException {
        if (received > limit) {
            throw new TransportException(
                    TransportError.FLOW_CONTROL_ERROR,
                    "%s: %d bytes (expected: %d at most)".formatted(what, received, limit));
        }
    }

    /**
     * Takes in that bytes have left our memory.
     *
     * @param bytes how many more
     */
    public void onConsumed(long bytes) {
        consumed += bytes;
    }

    /**
     * {@return whether the peer should be told that it may send more}
     */
    public boolean isWorthTelling() {
        return nextLimit() - limit >= Math.max(1, size / STEPS);
    }

    /**
     * {@return the new limit, which holds from now on}
     */
    public long raise() {
        limit = nextLimit();
        return limit;
    }

    /**
     * {@return the limit that the peer was told last}
     */
    public long limit() {
        return limit;
    }

    private long nextLimit() {
        return Math.max(limit, Math.min(VarInt.MAX, consumed + size));
    }
}
