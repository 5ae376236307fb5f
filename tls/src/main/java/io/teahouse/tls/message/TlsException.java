package io.teahouse.tls.message;

/**
 * The peer broke the protocol, or there is nothing that both sides accept: the handshake has failed, and the connection
 * closes with {@link #quicErrorCode}.
 *
 * <p>The message says in which message and field what was found, and what was expected. It may be sent to the peer as the
 * reason, and never holds a secret.
 */
public final class TlsException extends Exception {
    private static final long serialVersionUID = 1L;

    /** PROTOCOL_VIOLATION (RFC 9000, section 20.1). */
    private static final long QUIC_PROTOCOL_VIOLATION = 0x0a;

    private final Alert alert;
    private final long quicErrorCode;

    private TlsException(Alert alert, long quicErrorCode, String message) {
        super(message);
        this.alert = alert;
        this.quicErrorCode = quicErrorCode;
    }

    /**
     * Creates one.
     *
     * @param alert   what the peer is told
     * @param message what was found and what was expected
     */
    public TlsException(Alert alert, String message) {
        this(alert, alert.quicErrorCode(), message);
    }

    /**
     * {@return a failure of the kind that RFC 9001 wants reported as QUIC's PROTOCOL_VIOLATION and not as an alert}
     *
     * @param message what was found and what was expected
     */
    public static TlsException protocolViolation(String message) {
        return new TlsException(Alert.UNEXPECTED_MESSAGE, QUIC_PROTOCOL_VIOLATION, message);
    }

    /**
     * {@return the alert; for a {@linkplain #protocolViolation violation of QUIC's own rules} the one that comes closest}
     */
    public Alert alert() {
        return alert;
    }

    /**
     * {@return the error code of CONNECTION_CLOSE: 0x100 and the alert, or 0x0a}
     */
    public long quicErrorCode() {
        return quicErrorCode;
    }
}
