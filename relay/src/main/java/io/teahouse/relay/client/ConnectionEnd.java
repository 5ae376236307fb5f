package io.teahouse.relay.client;

/**
 * Why a connection ended.
 *
 * @param cause  the kind
 * @param detail in words, without line breaks
 */
public record ConnectionEnd(Cause cause, String detail) {
    /** What ended a connection. */
    public enum Cause {
        /** We closed it. */
        CLOSED_HERE,
        /** The relay said goodbye, with a close frame. */
        CLOSED_BY_RELAY,
        /** The stream ended without a goodbye: the relay died, or something on the way did. */
        STREAM_ENDED,
        /** The relay did not answer a ping. */
        PING_UNANSWERED,
        /** The network took nothing of what was to be sent. */
        WRITE_STALLED,
        /** The relay sent what the protocol does not allow. */
        PROTOCOL_ERROR,
        /** The socket or TLS failed. */
        NETWORK_ERROR
    }

    @Override
    public String toString() {
        return detail;
    }
}
