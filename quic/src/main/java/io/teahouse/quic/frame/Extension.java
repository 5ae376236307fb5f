package io.teahouse.quic.frame;

/** What goes beyond RFC 9000, and may be said only if the handshake has agreed on it. */
public enum Extension {
    /** Messages that may be lost (RFC 9221). */
    DATAGRAM,
    /** Asking for more or fewer acknowledgements; who announces min_ack_delay may be asked. */
    ACK_FREQUENCY,
    /** Several paths at a time (iroh QUIC spec, section 2). */
    MULTIPATH,
    /** Being told one's own address (iroh QUIC spec, section 3). */
    ADDRESS_DISCOVERY,
    /** Getting through NATs (iroh QUIC spec, section 4). */
    NAT_TRAVERSAL
}
