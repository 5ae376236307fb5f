package io.teahouse.tls;

/** Code points that both sides use. */
final class Protocol {
    /** TLS 1.3 in supported_versions. */
    static final int TLS_1_3 = 0x0304;

    /** psk_dhe_ke: a ticket's key together with a fresh key exchange. The other mode, without one, is never used. */
    static final int PSK_WITH_KEY_EXCHANGE = 1;

    /** The only limit of early data that QUIC allows (RFC 9001, section 4.6.1). */
    static final long EARLY_DATA_LIMIT = 0xffff_ffffL;

    private Protocol() {}
}
