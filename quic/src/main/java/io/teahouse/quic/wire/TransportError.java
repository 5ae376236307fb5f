package io.teahouse.quic.wire;

import java.util.Optional;

/**
 * Why a connection or a path is ended: the codes that a peer sends and reads (RFC 9000, section 20.1; RFC 9001, section
 * 4.8; iroh QUIC spec, sections 2.9 and A.4).
 */
public enum TransportError {
    /** An end without an error. */
    NO_ERROR(0x00),
    /** A fault of the one who closes. */
    INTERNAL_ERROR(0x01),
    /** The server does not want this connection. */
    CONNECTION_REFUSED(0x02),
    /** More data than the receiver has allowed. */
    FLOW_CONTROL_ERROR(0x03),
    /** More streams than the receiver has allowed. */
    STREAM_LIMIT_ERROR(0x04),
    /** A frame for a stream that cannot have it, in its state or direction. */
    STREAM_STATE_ERROR(0x05),
    /** A stream's end that moves, or data behind it. */
    FINAL_SIZE_ERROR(0x06),
    /** A frame that cannot be read, or of a type that nobody knows. */
    FRAME_ENCODING_ERROR(0x07),
    /** Transport parameters that are wrong, doubled or missing. */
    TRANSPORT_PARAMETER_ERROR(0x08),
    /** More connection ids than the receiver has allowed. */
    CONNECTION_ID_LIMIT_ERROR(0x09),
    /** Whatever else the protocol forbids. */
    PROTOCOL_VIOLATION(0x0a),
    /** A token in an Initial packet that the server did not make. */
    INVALID_TOKEN(0x0b),
    /** The application has closed, and that must not be told in this kind of packet. */
    APPLICATION_ERROR(0x0c),
    /** More handshake data out of order than the receiver keeps. */
    CRYPTO_BUFFER_EXCEEDED(0x0d),
    /** A key update too early, or answered with old keys. */
    KEY_UPDATE_ERROR(0x0e),
    /** The keys have protected, or failed to open, as many packets as they may. */
    AEAD_LIMIT_REACHED(0x0f),
    /** No path is left on which the connection could go on. */
    NO_VIABLE_PATH(0x10),
    /** On a path: closed on purpose, for example because it is redundant. */
    APPLICATION_ABANDON_PATH(0x3e),
    /** On a path: not enough resources for it. */
    PATH_RESOURCE_LIMIT_REACHED(0x3e75),
    /** On a path: silent for too long, or its network is gone. */
    PATH_UNSTABLE_OR_POOR(0x3e76),
    /** On a path: no connection id was there for it. */
    NO_CID_AVAILABLE_FOR_PATH(0x3e77);

    /** The first code that is a TLS alert; the alert's number is added to it. */
    private static final long CRYPTO_ERROR = 0x100;

    private static final int MAX_ALERT = 0xff;

    private final long code;

    TransportError(long code) {
        this.code = code;
    }

    /**
     * {@return the number on the wire}
     */
    public long code() {
        return code;
    }

    /**
     * {@return the error of a number, or empty if it has no name here: a TLS alert, or one of the future}
     *
     * @param code any number
     */
    public static Optional<TransportError> ofCode(long code) {
        for (TransportError error : values()) {
            if (error.code == code) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the code by which a TLS alert is told}
     *
     * @param alert 0 to 255
     */
    public static long ofAlert(int alert) {
        if (alert < 0 || alert > MAX_ALERT) {
            throw new IllegalArgumentException("alert: %d (expected: 0 to %d)".formatted(alert, MAX_ALERT));
        }
        return CRYPTO_ERROR + alert;
    }

    /**
     * {@return a code as a person reads it: its name, the TLS alert that it is, or the number}
     *
     * @param code any number
     */
    public static String describe(long code) {
        if (code >= CRYPTO_ERROR && code <= CRYPTO_ERROR + MAX_ALERT) {
            return "TLS alert " + (code - CRYPTO_ERROR);
        }
        return ofCode(code).map(TransportError::name).orElseGet(() -> "error 0x" + Long.toHexString(code));
    }
}
