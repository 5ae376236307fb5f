package io.teahouse.tls.message;

/**
 * EncryptedExtensions (RFC 8446, section 4.3.1): what the server answers beside the key exchange.
 *
 * @param extensions only of kinds that the client sent
 */
public record EncryptedExtensions(Extensions extensions) implements HandshakeMessage {
    @Override
    public HandshakeType type() {
        return HandshakeType.ENCRYPTED_EXTENSIONS;
    }
}
