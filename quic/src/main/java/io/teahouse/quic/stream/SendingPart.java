package io.teahouse.quic.stream;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.StreamFrame;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The sending part of a stream (RFC 9000, section 3.1).
 *
 * <p>Written to by the application and read by whoever puts packets together; told what became of each piece. Not
 * thread-safe.
 */
public final class SendingPart {
    /** Where it stands. */
    public enum State {
        /** Data is sent; its end is not sent yet. */
        SEND,
        /** All data and its end were sent at least once. */
        DATA_SENT,
        /** The peer has all. */
        DATA_RECEIVED,
        /** Given up; the peer may not know. */
        RESET_SENT,
        /** Given up, and the peer knows. */
        RESET_RECEIVED
    }

    /**
     * A piece that was put into a packet.
     *
     * @param streamId of which stream
     * @param offset   where it begins
     * @param length   how many bytes it has
     * @param fin      whether the stream ends behind it
     */
    public record Piece(long streamId, long offset, int length, boolean fin) {}

    private final long id;
    private final SendCredit credit;
    private final int maxBuffered;
    private final SendBuffer buffer = new SendBuffer();
    private State state = State.SEND;
    private boolean finished;
    private boolean finOutstanding;
    private boolean finAcknowledged;
    /** A reset that has to be put into a packet. */
    private Optional<StreamFrame.ResetStream> pendingReset = Optional.empty();

    private OptionalLong stopCode = OptionalLong.empty();

    /**
     * Creates one.
     *
     * @param id          the stream's
     * @param maxSent     how many bytes the peer's transport parameters allow
     * @param maxBuffered how many bytes are kept at most
     */
    public SendingPart(long id, long maxSent, int maxBuffered) {
        this.id = id;
        this.credit = new SendCredit(maxSent);
        this.maxBuffered = maxBuffered;
    }

    /**
     * {@return where it stands}
     */
    public State state() {
        return state;
    }

    /**
     * Takes in data of the application's, as much as there is room for.
     *
     * @param data what is left in it did not fit
     * @return how many bytes were taken
     */
    public int write(ByteBuffer data) {
        if (finished || state != State.SEND) {
            throw new IllegalStateException("stream %d: written to (expected: only before its end)".formatted(id));
        }
        int length = (int) Math.min(data.remaining(), writable());
        buffer.write(data.slice(data.position(), length));
        data.position(data.position() + length);
        return length;
    }

    /**
     * {@return how many bytes could be written now}
     */
    public long writable() {
        return finished || state != State.SEND ? 0 : maxBuffered - buffer.buffered();
    }

    /** Ends the stream behind what was written. */
    public void finish() {
        if (state == State.SEND) {
            finished = true;
        }
    }

    /**
     * Gives the stream up: what the peer does not have it will not get.
     *
     * @param code the application's
     */
    public void reset(long code) {
        if (state == State.SEND || state == State.DATA_SENT) {
            state = State.RESET_SENT;
            pendingReset = Optional.of(new StreamFrame.ResetStream(id, code, buffer.sentOffset()));
        }
    }

    /**
     * Takes in that the peer does not want more: the stream is given up with the peer's own code, unless it is over.
     *
     * @param code the peer's application's
     */
    public void onStopSending(long code) {
        if (stopCode.isEmpty()) {
            stopCode = OptionalLong.of(code);
        }
        reset(code);
    }

    /**
     * {@return the code with which the peer has asked for no more}
     */
    public OptionalLong stopCode() {
        return stopCode;
    }

    /**
     * Takes in how much the peer allows.
     *
     * @param limit counted from the stream's beginning
     */
    public void onMaxStreamData(long limit) {
        credit.onLimit(limit);
    }

    /**
     * {@return whether there is something that could be put into a packet}
     *
     * @param connectionCredit how many new bytes all streams together may send
     */
    public boolean hasSomethingToSend(long connectionCredit) {
        return switch (state) {
            case SEND, DATA_SENT -> buffer.nextLength(1, limit(connectionCredit)) > 0 || finIsDue();
            case RESET_SENT -> pendingReset.isPresent();
            case DATA_RECEIVED, RESET_RECEIVED -> false;
        };
    }

    /**
     * {@return the reset that has to be sent, which is then regarded as sent}
     */
    public Optional<StreamFrame.ResetStream> pollReset() {
        var reset = pendingReset;
        pendingReset = Optional.empty();
        return reset;
    }

    /**
     * Puts the next piece into a packet.
     *
     * @param out              gets a STREAM frame, as large as there is something to send and as it has room
     * @param connectionCredit how many new bytes all streams together may send
     * @return the piece, or empty if nothing is to be sent or has room
     */
    public Optional<Piece> send(ByteBuffer out, SendCredit connectionCredit) {
        if (state != State.SEND && state != State.DATA_SENT) {
            return Optional.empty();
        }
        long offset = buffer.nextOffset();
        int overhead = 1 + VarInt.size(id) + (offset == 0 ? 0 : VarInt.size(offset));
        int room = out.remaining() - overhead - VarInt.size(Math.max(0, out.remaining()));
        if (room < 0) {
            return Optional.empty();
        }
        int length = buffer.nextLength(room, limit(connectionCredit.available()));
        boolean fin = finished && offset + length == buffer.writtenOffset();
        if (length == 0 && !(fin && finIsDue())) {
            return Optional.empty();
        }
        long sentBefore = buffer.sentOffset();
        FrameEncoder.writeStreamHeader(id, offset, length, fin, out);
        buffer.send(length, out);
        credit.onSent(buffer.sentOffset() - sentBefore);
        connectionCredit.onSent(buffer.sentOffset() - sentBefore);
        if (fin) {
            finOutstanding = true;
            state = State.DATA_SENT;
        }
        return Optional.of(new Piece(id, offset, length, fin));
    }

    /**
     * Takes in that the peer has a piece.
     *
     * @param piece which one
     */
    public void onAcknowledged(Piece piece) {
        buffer.onAcknowledged(piece.offset(), piece.length());
        finAcknowledged |= piece.fin();
        if (state == State.DATA_SENT && finAcknowledged && buffer.isAcknowledged()) {
            state = State.DATA_RECEIVED;
        }
    }

    /**
     * Takes in that a piece has to be sent again.
     *
     * @param piece which one
     */
    public void onLost(Piece piece) {
        if (state == State.SEND || state == State.DATA_SENT) {
            buffer.onLost(piece.offset(), piece.length());
            if (piece.fin()) {
                finOutstanding = false;
            }
        }
    }

    /** Takes in that the peer knows of the reset. */
    public void onResetAcknowledged() {
        if (state == State.RESET_SENT) {
            state = State.RESET_RECEIVED;
        }
    }

    /**
     * Takes in that a reset has to be sent again.
     *
     * @param reset as it was sent
     */
    public void onResetLost(StreamFrame.ResetStream reset) {
        if (state == State.RESET_SENT) {
            pendingReset = Optional.of(reset);
        }
    }

    /**
     * Takes in that nobody has looked at what was sent: 0-RTT data was refused.
     *
     * @param maxSent how many bytes the peer allows now, which may be less than before
     */
    public void rewind(long maxSent) {
        buffer.rewind();
        credit.restart(maxSent);
        finOutstanding = false;
        if (state == State.DATA_SENT) {
            state = State.SEND;
        }
        pendingReset = pendingReset.map(reset -> new StreamFrame.ResetStream(id, reset.code(), 0));
    }

    private boolean finIsDue() {
        return finished
                && !finOutstanding
                && !finAcknowledged
                && !buffer.hasLost()
                && buffer.sentOffset() == buffer.writtenOffset();
    }

    /** Up to which offset new bytes may be sent. */
    private long limit(long connectionCredit) {
        return buffer.sentOffset() + Math.min(credit.available(), connectionCredit);
    }
}
