package io.teahouse.quic.io;

/**
 * A stream on which both sides send.
 *
 * @param input  what the peer sends
 * @param output what we send
 */
public record QuicStream(QuicInputStream input, QuicOutputStream output) {
    /**
     * {@return the stream's id}
     */
    public long id() {
        return input.id();
    }
}
