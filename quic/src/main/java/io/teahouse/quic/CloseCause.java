package io.teahouse.quic;

/** Who has ended a connection, and why. */
public sealed interface CloseCause {
    /**
     * The application here.
     *
     * @param code the application's
     */
    record Local(long code) implements CloseCause {}

    /**
     * We, since the peer has broken the rules, or cannot be spoken to.
     *
     * @param code   {@link io.teahouse.quic.wire.TransportError} or a TLS alert
     * @param reason what was found and what was expected
     */
    record Breach(long code, String reason) implements CloseCause {}

    /**
     * The application there.
     *
     * @param code   the application's
     * @param reason for a person; the peer's words, any characters
     */
    record PeerApplication(long code, String reason) implements CloseCause {}

    /**
     * The peer's QUIC.
     *
     * @param code   {@link io.teahouse.quic.wire.TransportError} or another
     * @param reason for a person; the peer's words, any characters
     */
    record PeerTransport(long code, String reason) implements CloseCause {}

    /** Nothing came for too long. */
    record Idle() implements CloseCause {}

    /** The handshake took too long, though something came now and then. */
    record Late() implements CloseCause {}

    /** The peer has given up the last path, and no other was found in time. */
    record NoPath() implements CloseCause {}

    /** The peer has forgotten the connection. */
    record Reset() implements CloseCause {}

    /** The server does not speak version 1. */
    record VersionUnknown() implements CloseCause {}
}
