package io.teahouse.quic.wire;

/**
 * The peer did what QUIC does not allow; the connection has to be closed with the code that this carries.
 *
 * <p>The message says what was found and what was expected, for our logs and as the reason that the peer is told.
 * There is no stack trace, since the fault is not in our code and a peer can cause any number of these.
 */
public final class TransportException extends Exception {
    private static final long serialVersionUID = 1;

    /** The code that a CONNECTION_CLOSE frame gets. */
    private final long code;

    /** The frame that was wrong, or 0. */
    private final long frameType;

    /**
     * Creates one that is not about a certain frame.
     *
     * @param error   what kind of breach it was
     * @param message what was found and what was expected
     */
    public TransportException(TransportError error, String message) {
        this(error, 0, message);
    }

    /**
     * Creates one about a frame.
     *
     * @param error     what kind of breach it was
     * @param frameType the type of the frame as on the wire, or 0 if it was none
     * @param message   what was found and what was expected
     */
    public TransportException(TransportError error, long frameType, String message) {
        this(error.code(), frameType, message);
    }

    private TransportException(long code, long frameType, String message) {
        super(message, null, false, false);
        this.code = code;
        this.frameType = frameType;
    }

    /**
     * {@return one with a code that has no name here, as TLS has them}
     *
     * @param code    for the CONNECTION_CLOSE frame
     * @param message what was found and what was expected
     */
    public static TransportException ofCode(long code, String message) {
        return new TransportException(code, 0, message);
    }

    /**
     * {@return the code for the CONNECTION_CLOSE frame}
     */
    public long code() {
        return code;
    }

    /**
     * {@return the type of the frame that was wrong as on the wire; 0 if it was none, as CONNECTION_CLOSE has it}
     */
    public long frameType() {
        return frameType;
    }
}
