package io.teahouse.quic.crypto;

/** Which keys protect a packet, and so which part of the TLS handshake is inside (RFC 9001, section 2.1). */
public enum EncryptionLevel {
    /** Keys that everyone on the path can work out. */
    INITIAL,
    /** Keys of an earlier connection, from client to server only. */
    ZERO_RTT,
    /** Keys of the handshake. */
    HANDSHAKE,
    /** Keys of the application's data. */
    ONE_RTT
}
