package io.teahouse.quic.stream;

import io.teahouse.quic.frame.FrameType;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The receiving part of a stream (RFC 9000, section 3.2).
 *
 * <p>Fed with frames and read by the application. Each method that takes in a frame says how many bytes the stream has
 * grown by, which count for all streams together. Not thread-safe.
 */
public final class ReceivingPart {
    /** Where it stands. */
    public enum State {
        /** Data comes, and its end is not known. */
        RECEIVE,
        /** The end is known; something before it is missing. */
        SIZE_KNOWN,
        /** All is there; not all is read. */
        DATA_RECEIVED,
        /** All is read. */
        DATA_READ,
        /** The peer has given up; the application does not know. */
        RESET_RECEIVED,
        /** The peer has given up, and the application knows. */
        RESET_READ
    }

    private final long id;
    private final ReceiveWindow window;
    private final ReceiveBuffer buffer;
    private State state = State.RECEIVE;
    private long highest;
    private OptionalLong finalSize = OptionalLong.empty();
    private OptionalLong resetCode = OptionalLong.empty();
    private boolean stopped;
    private long consumedBefore;

    /**
     * Creates one.
     *
     * @param id      the stream's
     * @param window  how many bytes the peer may send ahead of the reader
     * @param maxGaps how many gaps there may be
     */
    public ReceivingPart(long id, long window, int maxGaps) {
        this.id = id;
        this.window = new ReceiveWindow(window);
        this.buffer = new ReceiveBuffer(maxGaps);
    }

    /**
     * {@return where it stands}
     */
    public State state() {
        return state;
    }

    /**
     * Takes in data.
     *
     * @param offset of the first byte
     * @param data   used up
     * @param fin    whether the stream ends behind it
     * @return how many bytes the stream is longer than it was known to be
     * @throws TransportException if the peer sends more than it may, moves the end, or leaves too many gaps
     */
    public long onData(long offset, ByteBuffer data, boolean fin) throws TransportException {
        long end = offset + data.remaining();
        requireFinalSize(end, fin);
        window.require(end, "stream " + id);
        long grown = grow(end);
        if (fin) {
            finalSize = OptionalLong.of(end);
        }
        if (state == State.RECEIVE || state == State.SIZE_KNOWN) {
            if (stopped) {
                // Nobody reads it; only that it came counts.
                data.position(data.limit());
            } else if (!buffer.insert(offset, data)) {
                throw new TransportException(
                        TransportError.INTERNAL_ERROR,
                        FrameType.STREAM.code(),
                        "stream %d: too many gaps in what was received (expected: fewer)".formatted(id));
            }
            if (finalSize.isPresent()) {
                state = stopped ? State.DATA_READ : allIsThere() ? State.DATA_RECEIVED : State.SIZE_KNOWN;
            }
        }
        return grown;
    }

    /**
     * Takes in that the peer has given up.
     *
     * @param code the application's
     * @param size how many bytes it has sent
     * @return how many bytes the stream is longer than it was known to be
     * @throws TransportException if the peer has sent more than it may, or moves the end
     */
    public long onReset(long code, long size) throws TransportException {
        requireFinalSize(size, true);
        window.require(size, "stream " + id);
        long grown = grow(size);
        finalSize = OptionalLong.of(size);
        if (state == State.RECEIVE || state == State.SIZE_KNOWN) {
            resetCode = OptionalLong.of(code);
            // Who wanted no more does not ask what became of it.
            state = stopped ? State.RESET_READ : State.RESET_RECEIVED;
        }
        return grown;
    }

    /**
     * Hands out data to the application.
     *
     * @param out gets as many bytes as follow on what was read before and fit
     * @return how many that were
     */
    public int read(ByteBuffer out) {
        if (stopped || state == State.RESET_RECEIVED || state == State.RESET_READ) {
            return 0;
        }
        int length = buffer.read(out);
        window.onConsumed(length);
        if (state == State.DATA_RECEIVED && buffer.readOffset() == finalSize.orElseThrow()) {
            state = State.DATA_READ;
        }
        return length;
    }

    /**
     * {@return how many bytes could be read now}
     */
    public long readable() {
        return stopped || state == State.RESET_RECEIVED || state == State.RESET_READ ? 0 : buffer.readable();
    }

    /**
     * {@return the code with which the peer has given up, which the application then knows; or empty if it has not}
     */
    public OptionalLong readReset() {
        if (state == State.RESET_RECEIVED) {
            state = State.RESET_READ;
        }
        return resetCode;
    }

    /**
     * Takes in that the application does not want more.
     *
     * @return whether the peer is to be told: not if it has sent all, or given up
     */
    public boolean stop() {
        if (stopped) {
            return false;
        }
        boolean peerMustKnow = state == State.RECEIVE || state == State.SIZE_KNOWN;
        stopped = true;
        if (state == State.DATA_RECEIVED || state == State.SIZE_KNOWN) {
            // How much will come is known, and nobody waits for it.
            state = State.DATA_READ;
        } else if (state == State.RESET_RECEIVED) {
            state = State.RESET_READ;
        }
        return peerMustKnow;
    }

    /**
     * {@return how many more bytes of the stream need no room in our memory than when this was asked the last time:
     * read, or never to be read by anybody}
     */
    public long pollConsumed() {
        boolean nobodyReads = stopped || resetCode.isPresent();
        long consumed = nobodyReads ? highest : buffer.readOffset();
        long more = consumed - consumedBefore;
        consumedBefore = consumed;
        return more;
    }

    /**
     * {@return how much the peer may send; worth telling only while the end is not known}
     */
    public ReceiveWindow window() {
        return window;
    }

    /**
     * {@return whether the peer waits for more to be allowed, as far as we can tell}
     */
    public boolean hasWindowToTell() {
        return state == State.RECEIVE && !stopped && window.isWorthTelling();
    }

    private boolean allIsThere() {
        return buffer.readOffset() + buffer.readable() == finalSize.orElseThrow();
    }

    private long grow(long end) {
        long grown = Math.max(0, end - highest);
        highest += grown;
        return grown;
    }

    private void requireFinalSize(long end, boolean fin) throws TransportException {
        boolean moved = finalSize.isPresent() && (fin ? end != finalSize.getAsLong() : end > finalSize.getAsLong());
        if (moved || (fin && end < highest)) {
            throw new TransportException(
                    TransportError.FINAL_SIZE_ERROR,
                    "stream %d: end at %d (expected: %s)"
                            .formatted(
                                    id,
                                    end,
                                    finalSize.isPresent()
                                            ? "at " + finalSize.getAsLong()
                                            : highest + " at least, which was received"));
        }
    }
}
