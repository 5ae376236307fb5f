package io.teahouse.tls;

/** What protects handshake bytes: the kind of packet whose CRYPTO frames carry them (RFC 9001, section 4.1.4). */
public enum EncryptionLevel {
    /** Initial packets, whose keys everybody knows. */
    INITIAL,
    /** 0-RTT packets, which carry no handshake bytes. */
    ZERO_RTT,
    /** Handshake packets. */
    HANDSHAKE,
    /** 1-RTT packets. */
    ONE_RTT
}
