package io.teahouse.relay.protocol;

/**
 * The peer sent what the relay protocol does not allow; the connection it came over has to be closed.
 *
 * <p>The message names the frame, what was found and what was expected. It does not know whose connection it was: who
 * closes it, knows. There is no stack trace, since the fault is not in our code and a peer can cause any number of these.
 */
public final class RelayProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    /** What went wrong. */
    private final String message;

    /** Whether the frame has a type that no version knows. */
    private final boolean unknownType;

    RelayProtocolException(String message) {
        this(message, false);
    }

    private RelayProtocolException(String message, boolean unknownType) {
        super(message, null, false, false);
        this.message = message;
        this.unknownType = unknownType;
    }

    static RelayProtocolException ofUnknownType(String message) {
        return new RelayProtocolException(message, true);
    }

    /** {@return frame, fact and expectation} */
    @Override
    public String getMessage() {
        return message;
    }

    /**
     * {@return whether the frame has a type that no version of the protocol knows, as against one that is known and is
     * wrong here}
     */
    public boolean isUnknownType() {
        return unknownType;
    }
}
