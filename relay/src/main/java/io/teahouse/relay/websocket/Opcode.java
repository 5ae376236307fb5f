package io.teahouse.relay.websocket;

/** What a frame is (RFC 6455, section 5.2). */
public final class Opcode {
    /** A later part of a message. */
    public static final int CONTINUATION = 0;

    /** A text message, or its first part. */
    public static final int TEXT = 1;

    /** A binary message, or its first part. */
    public static final int BINARY = 2;

    /** The end of the connection. */
    public static final int CLOSE = 8;

    /** Asks for a pong of the same payload. */
    public static final int PING = 9;

    /** Answers a ping. */
    public static final int PONG = 10;

    private Opcode() {}
}
