package io.teahouse.quic.recovery;

/** The mark of an IP packet for explicit congestion notification (RFC 3168, section 5). */
public enum Ecn {
    /** Not marked. */
    NOT_ECT(0b00),
    /** Can be marked; what we send. */
    ECT0(0b10),
    /** Can be marked; what L4S senders send. */
    ECT1(0b01),
    /** Has met congestion. */
    CE(0b11);

    private final int bits;

    Ecn(int bits) {
        this.bits = bits;
    }

    /**
     * {@return the two bits}
     */
    public int bits() {
        return bits;
    }

    /**
     * {@return the mark of two bits}
     *
     * @param bits only the lowest two are looked at
     */
    public static Ecn ofBits(int bits) {
        return switch (bits & 0b11) {
            case 0b00 -> NOT_ECT;
            case 0b10 -> ECT0;
            case 0b01 -> ECT1;
            default -> CE;
        };
    }
}
