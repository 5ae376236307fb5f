package io.teahouse.relay.protocol;

import java.util.Optional;

/**
 * What a frame is: the number that opens it (iroh relay spec, sections 3 and 4.1).
 *
 * <p>The first four make up the handshake, the others are {@link RelayFrame}s. Named as the reference names them.
 */
public enum FrameType {
    /** Relay to client: 16 random bytes to sign. */
    SERVER_CHALLENGE(0),
    /** Client to relay: its key and the signature. */
    CLIENT_AUTH(1),
    /** Relay to client: let in. */
    SERVER_CONFIRMS_AUTH(2),
    /** Relay to client: turned away, with a reason. */
    SERVER_DENIES_AUTH(3),
    /** Client to relay: {@link RelayFrame.SendDatagrams} of one datagram. */
    CLIENT_TO_RELAY_DATAGRAM(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM),
    /** Client to relay: {@link RelayFrame.SendDatagrams} of several. */
    CLIENT_TO_RELAY_DATAGRAM_BATCH(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM_BATCH),
    /** Relay to client: {@link RelayFrame.ReceivedDatagrams} of one datagram. */
    RELAY_TO_CLIENT_DATAGRAM(FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM),
    /** Relay to client: {@link RelayFrame.ReceivedDatagrams} of several. */
    RELAY_TO_CLIENT_DATAGRAM_BATCH(FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM_BATCH),
    /** Relay to client: {@link RelayFrame.EndpointGone}. */
    ENDPOINT_GONE(8),
    /** Either way: {@link RelayFrame.Ping}. */
    PING(9),
    /** Either way: {@link RelayFrame.Pong}. */
    PONG(10),
    /** Relay to client, version 1 only: {@link RelayFrame.Health}. */
    HEALTH(11),
    /** Relay to client: {@link RelayFrame.Restarting}. */
    RESTARTING(12),
    /** Relay to client, version 2 only: {@link RelayFrame.Status}. */
    STATUS(13);

    private static final FrameType[] BY_CODE = values();

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    /**
     * {@return the number on the wire, 0 to 13; below 64, so that it is one byte as a QUIC varint}
     */
    public int code() {
        return code;
    }

    /**
     * {@return the type of a number, or empty if no version has it}
     *
     * @param code any number
     */
    static Optional<FrameType> ofCode(long code) {
        return 0 <= code && code < BY_CODE.length ? Optional.of(BY_CODE[(int) code]) : Optional.empty();
    }
}
