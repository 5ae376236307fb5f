package io.teahouse.quic.io;

import io.teahouse.quic.CloseCause;
import java.io.IOException;

/** The connection is over. */
public final class ConnectionClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient CloseCause closeCause;

    ConnectionClosedException(CloseCause closeCause) {
        super(describe(closeCause));
        this.closeCause = closeCause;
    }

    /**
     * {@return who has ended it, and why}
     */
    public CloseCause closeCause() {
        return closeCause;
    }

    private static String describe(CloseCause cause) {
        return switch (cause) {
            case CloseCause.Local(long code) -> "connection closed: by us, code %d".formatted(code);
            case CloseCause.Breach(long code, String reason) ->
                "connection closed: by us, since %s (QUIC error 0x%x)".formatted(reason, code);
            case CloseCause.PeerApplication(long code, String reason) ->
                "connection closed: by the peer, code %d, \"%s\"".formatted(code, reason);
            case CloseCause.PeerTransport(long code, String reason) ->
                "connection closed: by the peer's QUIC, error 0x%x, \"%s\"".formatted(code, reason);
            case CloseCause.Idle() -> "connection closed: nothing came from the peer for too long";
            case CloseCause.Late() -> "connection closed: the handshake took too long";
            case CloseCause.NoPath() -> "connection closed: the peer has given up the last path";
            case CloseCause.Reset() -> "connection closed: the peer does not know it any more";
            case CloseCause.VersionUnknown() -> "connection closed: the server does not speak QUIC version 1";
        };
    }
}
