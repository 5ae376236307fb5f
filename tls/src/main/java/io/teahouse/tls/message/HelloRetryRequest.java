package io.teahouse.tls.message;

/**
 * HelloRetryRequest (RFC 8446, section 4.1.4): the client is to try again with another key share, a cookie, or both.
 *
 * @param legacySessionIdEcho the client's, 0 to 32 bytes
 * @param cipherSuite         the one that the server chose
 * @param extensions          supported_versions, and what the client is to change
 */
public record HelloRetryRequest(Opaque legacySessionIdEcho, int cipherSuite, Extensions extensions)
        implements HandshakeMessage {
    /** The type is ServerHello's: what makes the difference is the random value. */
    @Override
    public HandshakeType type() {
        return HandshakeType.SERVER_HELLO;
    }
}
