package io.teahouse.tls.message;

/**
 * CertificateRequest (RFC 8446, section 4.3.2).
 *
 * @param context    empty during the handshake
 * @param extensions signature_algorithms, and others that a client may ignore
 */
public record CertificateRequest(Opaque context, Extensions extensions) implements HandshakeMessage {
    @Override
    public HandshakeType type() {
        return HandshakeType.CERTIFICATE_REQUEST;
    }
}
