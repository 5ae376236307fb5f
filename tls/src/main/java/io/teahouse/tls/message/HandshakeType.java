package io.teahouse.tls.message;

import static java.util.Locale.ROOT;

import java.util.Optional;

/**
 * The handshake messages that TLS 1.3 has on QUIC (RFC 8446, section 4), and how long each may be here.
 *
 * <p>EndOfEarlyData and KeyUpdate are not among them: QUIC does without (RFC 9001, sections 6 and 8.3).
 */
public enum HandshakeType {
    /** Opens the handshake. With a hybrid key share and tickets it has some 4 kB. */
    CLIENT_HELLO(1, 1 << 14),
    /** Its answer, or the request to try again, which may hold a large cookie. */
    SERVER_HELLO(2, 1 << 14),
    /** A ticket; some servers keep the client's certificates in it. */
    NEW_SESSION_TICKET(4, 1 << 14),
    /** What else the server answers. */
    ENCRYPTED_EXTENSIONS(8, 1 << 14),
    /** A chain of certificates, or a raw public key. */
    CERTIFICATE(11, 1 << 16),
    /** Asks the client who it is. */
    CERTIFICATE_REQUEST(13, 1 << 14),
    /** The signature; one by a key of 16384 bits has 2 kB. */
    CERTIFICATE_VERIFY(15, 1 << 12),
    /** A MAC of 32 or 48 bytes. */
    FINISHED(20, 64);

    private final int code;
    private final int bodyBytesMax;

    HandshakeType(int code, int bodyBytesMax) {
        this.code = code;
        this.bodyBytesMax = bodyBytesMax;
    }

    /**
     * {@return the type of a code, if it is one of these}
     *
     * @param code 0 to 255
     */
    public static Optional<HandshakeType> of(int code) {
        for (HandshakeType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the first byte of the message}
     */
    public int code() {
        return code;
    }

    /**
     * {@return how many bytes may follow the header of four bytes; longer messages are refused as soon as they are
     * announced}
     */
    public int bodyBytesMax() {
        return bodyBytesMax;
    }

    /**
     * {@return the name in the words of the RFC's text: {@code client hello}}
     */
    @Override
    public String toString() {
        return name().toLowerCase(ROOT).replace('_', ' ');
    }
}
