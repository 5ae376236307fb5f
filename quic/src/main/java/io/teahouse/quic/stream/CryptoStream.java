package io.teahouse.quic.stream;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.FrameType;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The TLS handshake messages of one encryption level, in both directions, as a stream of bytes (RFC 9000, section 7.5).
 *
 * <p>Nobody limits the sender but this class: what a peer sends ahead of what was read is bounded by {@link
 * #MAX_AHEAD}. Not thread-safe.
 */
public final class CryptoStream {
    /** How many bytes beyond those that were read are kept. */
    public static final int MAX_AHEAD = 16_384;

    /** Pieces of a handshake are as large as packets, so that this many gaps are more than there can be by loss alone. */
    private static final int MAX_GAPS = 64;

    /**
     * A piece that was put into a packet.
     *
     * @param offset where it begins
     * @param length how many bytes it has
     */
    public record Piece(long offset, int length) {}

    private final SendBuffer sending = new SendBuffer();
    private final ReceiveBuffer receiving = new ReceiveBuffer(MAX_GAPS);

    /** Creates one through which nothing has gone. */
    public CryptoStream() {}

    /**
     * Takes in a piece from the peer.
     *
     * @param frame what it sent
     * @throws TransportException if it is too far ahead
     */
    public void onFrame(ConnectionFrame.Crypto frame) throws TransportException {
        var data = frame.data();
        long end = frame.offset() + data.remaining();
        if (end > receiving.readOffset() + MAX_AHEAD || !receiving.insert(frame.offset(), data)) {
            throw new TransportException(
                    TransportError.CRYPTO_BUFFER_EXCEEDED,
                    FrameType.CRYPTO.code(),
                    "handshake data up to %d (expected: %d at most, without many gaps)"
                            .formatted(end, receiving.readOffset() + MAX_AHEAD));
        }
    }

    /**
     * {@return the bytes for TLS that follow on what was read before; may be empty}
     */
    public ByteBuffer read() {
        var bytes = ByteBuffer.allocate((int) receiving.readable());
        receiving.read(bytes);
        return bytes.flip();
    }

    /**
     * Takes in what TLS wants to be sent.
     *
     * @param messages used up
     */
    public void write(ByteBuffer messages) {
        sending.write(messages);
    }

    /**
     * {@return whether there is something to send}
     */
    public boolean hasSomethingToSend() {
        return sending.nextLength(1, Long.MAX_VALUE) > 0;
    }

    /**
     * Puts the next piece into a packet.
     *
     * @param out gets a CRYPTO frame, as large as there is something to send and as it has room
     * @return the piece, or empty if there is nothing to send or no room
     */
    public Optional<Piece> send(ByteBuffer out) {
        long offset = sending.nextOffset();
        int overhead = 1 + VarInt.size(offset) + VarInt.size(out.remaining());
        int length = sending.nextLength(Math.max(0, out.remaining() - overhead), Long.MAX_VALUE);
        if (length <= 0) {
            return Optional.empty();
        }
        FrameEncoder.writeCryptoHeader(offset, length, out);
        sending.send(length, out);
        return Optional.of(new Piece(offset, length));
    }

    /**
     * Takes in that the peer has a piece.
     *
     * @param piece which one
     */
    public void onAcknowledged(Piece piece) {
        sending.onAcknowledged(piece.offset(), piece.length());
    }

    /**
     * Takes in that a piece has to be sent again.
     *
     * @param piece which one
     */
    public void onLost(Piece piece) {
        sending.onLost(piece.offset(), piece.length());
    }

    /** Makes all that was sent be sent again: a Retry packet says that the server has not looked at it. */
    public void onRetry() {
        sending.onAllLost();
    }
}
