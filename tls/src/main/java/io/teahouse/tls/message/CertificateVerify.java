package io.teahouse.tls.message;

/**
 * CertificateVerify (RFC 8446, section 4.4.3): the proof that the sender has the key of its certificate.
 *
 * @param scheme    SignatureScheme
 * @param signature of the transcript
 */
public record CertificateVerify(int scheme, Opaque signature) implements HandshakeMessage {
    @Override
    public HandshakeType type() {
        return HandshakeType.CERTIFICATE_VERIFY;
    }
}
