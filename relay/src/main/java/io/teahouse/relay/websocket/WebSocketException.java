package io.teahouse.relay.websocket;

/** The other side broke RFC 6455, or a limit; the connection is to be closed with {@link #closeCode()}. */
public final class WebSocketException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int closeCode;
    private final String message;

    /**
     * Says what was wrong.
     *
     * @param closeCode the code to close with, one of {@link CloseCode}
     * @param message   what was found and what was expected
     */
    public WebSocketException(int closeCode, String message) {
        super(message);
        this.closeCode = closeCode;
        this.message = message;
    }

    /** {@return what was found and what was expected} */
    @Override
    public String getMessage() {
        return message;
    }

    /**
     * {@return the code to close the connection with}
     */
    public int closeCode() {
        return closeCode;
    }
}
