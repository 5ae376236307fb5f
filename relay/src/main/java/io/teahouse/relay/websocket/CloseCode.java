package io.teahouse.relay.websocket;

/** Why a WebSocket is closed (RFC 6455, section 7.4.1). */
public final class CloseCode {
    /** The purpose is fulfilled. */
    public static final int NORMAL = 1000;

    /** The server goes down. */
    public static final int GOING_AWAY = 1001;

    /** The other side broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;

    /** A text that is not UTF-8. */
    public static final int INVALID_TEXT = 1007;

    /** The other side is not wanted here. */
    public static final int POLICY_VIOLATION = 1008;

    /** A message above the limit. */
    public static final int TOO_BIG = 1009;

    private CloseCode() {}
}
