package io.teahouse.quic.packet;

import io.teahouse.tls.EncryptionLevel;

/** The packets that are sealed, each with the keys of its own level (RFC 9000, section 17). */
public enum PacketType {
    /** The first of both sides; carries a token for the server. */
    INITIAL(EncryptionLevel.INITIAL, 0),
    /** Data of the client before the handshake is done. */
    ZERO_RTT(EncryptionLevel.ZERO_RTT, 1),
    /** The rest of the handshake. */
    HANDSHAKE(EncryptionLevel.HANDSHAKE, 2),
    /** All that follows; the only one with a short header. */
    ONE_RTT(EncryptionLevel.ONE_RTT, -1);

    /** What a Retry packet, which is not sealed, has in place of {@link #bits}. */
    static final int RETRY_BITS = 3;

    private final EncryptionLevel level;
    private final int bits;

    PacketType(EncryptionLevel level, int bits) {
        this.level = level;
        this.bits = bits;
    }

    /**
     * {@return whose keys seal it}
     */
    public EncryptionLevel level() {
        return level;
    }

    /**
     * {@return the packets that have the keys of a level}
     *
     * @param level which keys
     */
    public static PacketType of(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> INITIAL;
            case ZERO_RTT -> ZERO_RTT;
            case HANDSHAKE -> HANDSHAKE;
            case ONE_RTT -> ONE_RTT;
        };
    }

    /** The two bits in the first byte of a long header. */
    int bits() {
        return bits;
    }

    /** The sealed packet that those bits say; they must not be those of a Retry packet. */
    static PacketType ofBits(int bits) {
        return switch (bits) {
            case 0 -> INITIAL;
            case 1 -> ZERO_RTT;
            case 2 -> HANDSHAKE;
            default -> throw new IllegalArgumentException("bits: %d (expected: 0 to 2)".formatted(bits));
        };
    }
}
