package io.teahouse.tls.message;

/**
 * A handshake message (RFC 8446, section 4) without its header. Immutable; equality is equality of contents.
 *
 * <p>{@link HandshakeCodec} turns bytes into one and back.
 */
public sealed interface HandshakeMessage
        permits CertificateMessage,
                CertificateRequest,
                CertificateVerify,
                ClientHello,
                EncryptedExtensions,
                Finished,
                HelloRetryRequest,
                NewSessionTicket,
                ServerHello {
    /**
     * {@return the first byte of its header, as a type}
     */
    HandshakeType type();
}
