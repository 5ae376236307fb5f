package io.teahouse.tls.message;

import static java.util.Locale.ROOT;

import java.util.Optional;

/**
 * Why a handshake ended early (RFC 8446, section 6). In QUIC there are no alert records: the number is part of the error
 * code of CONNECTION_CLOSE (RFC 9001, section 4.8).
 */
public enum Alert {
    /** A message that may not come here. */
    UNEXPECTED_MESSAGE(10),
    /** A record that does not decrypt. QUIC drops such packets instead. */
    BAD_RECORD_MAC(20),
    /** No parameters that both sides accept. */
    HANDSHAKE_FAILURE(40),
    /** A certificate that is corrupt or not what it should be. */
    BAD_CERTIFICATE(42),
    /** A certificate of a type that cannot be used here. */
    UNSUPPORTED_CERTIFICATE(43),
    /** A certificate that its issuer has taken back. */
    CERTIFICATE_REVOKED(44),
    /** A certificate before or after its time. */
    CERTIFICATE_EXPIRED(45),
    /** A certificate that cannot be used for another reason. */
    CERTIFICATE_UNKNOWN(46),
    /** A value that contradicts others or the protocol. */
    ILLEGAL_PARAMETER(47),
    /** A chain that ends at nobody who is trusted. */
    UNKNOWN_CA(48),
    /** A peer who is known, and not let in. */
    ACCESS_DENIED(49),
    /** Bytes that are no message. */
    DECODE_ERROR(50),
    /** A signature, binder or Finished that is wrong. */
    DECRYPT_ERROR(51),
    /** No version that both sides speak. */
    PROTOCOL_VERSION(70),
    /** Parameters below what is taken for secure. */
    INSUFFICIENT_SECURITY(71),
    /** A fault of one's own. */
    INTERNAL_ERROR(80),
    /** An extension that has to be there and is not. */
    MISSING_EXTENSION(109),
    /** An extension in an answer to which nobody asked for it. */
    UNSUPPORTED_EXTENSION(110),
    /** No certificate for the name that was asked for. */
    UNRECOGNIZED_NAME(112),
    /** A client that has to have a certificate and has none. */
    CERTIFICATE_REQUIRED(116),
    /** No application protocol that both sides speak. */
    NO_APPLICATION_PROTOCOL(120);

    /** Where alerts begin among QUIC's error codes (RFC 9001, section 4.8). */
    private static final long QUIC_CRYPTO_ERROR = 0x100;

    private final int code;

    Alert(int code) {
        this.code = code;
    }

    /**
     * {@return the alert of a code, if it is one of these}
     *
     * @param code 0 to 255
     */
    public static Optional<Alert> of(int code) {
        for (Alert alert : values()) {
            if (alert.code == code) {
                return Optional.of(alert);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the number of AlertDescription, 0 to 255}
     */
    public int code() {
        return code;
    }

    /**
     * {@return the error code of QUIC's CONNECTION_CLOSE, 0x100 to 0x1ff}
     */
    public long quicErrorCode() {
        return QUIC_CRYPTO_ERROR + code;
    }

    /**
     * {@return the name as the RFC writes it: {@code illegal_parameter}}
     */
    @Override
    public String toString() {
        return name().toLowerCase(ROOT);
    }
}
