package io.teahouse.quic.crypto;

/**
 * Hides what in a header changes from packet to packet: some bits of the first byte, and the packet number (RFC 9001,
 * section 5.4).
 *
 * <p>The mask is worked out from a part of the sealed payload. Not thread-safe.
 */
public abstract sealed class HeaderProtection permits AesHeaderProtection, ChaChaHeaderProtection {
    /** How many bytes of the sealed payload the mask comes from. */
    public static final int SAMPLE_LENGTH = 16;

    /** Where the sample begins, counted from where the packet number begins, however long that is. */
    public static final int SAMPLE_OFFSET = 4;

    HeaderProtection() {}

    /**
     * {@return the mask: five bytes, the first of which, for the first byte of the packet, are the highest of 40 bits}
     *
     * @param buffer has the packet
     * @param offset where the {@link #SAMPLE_LENGTH} bytes of the sample begin
     */
    public abstract long mask(byte[] buffer, int offset);
}
