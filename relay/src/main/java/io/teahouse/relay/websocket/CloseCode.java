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

    /**
     * {@return whether a close frame may carry a code: those that RFC 6455, section 7.4, and the registry it makes have
     * given a meaning for the wire, and those for libraries and applications}
     *
     * @param code 0 to 65535
     */
    static boolean isSendable(int code) {
        return switch (code) {
            case 1004, 1005, 1006 -> false;
            default -> (code >= NORMAL && code <= 1014) || (code >= 3000 && code <= 4999);
        };
    }
}
