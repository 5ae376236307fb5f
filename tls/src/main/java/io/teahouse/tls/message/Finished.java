package io.teahouse.tls.message;

/**
 * Finished (RFC 8446, section 4.4.4).
 *
 * @param verifyData a MAC of the transcript, as long as the hash
 */
public record Finished(Opaque verifyData) implements HandshakeMessage {
    @Override
    public HandshakeType type() {
        return HandshakeType.FINISHED;
    }
}
