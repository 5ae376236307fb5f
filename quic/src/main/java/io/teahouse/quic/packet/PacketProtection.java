package io.teahouse.quic.packet;

import io.teahouse.quic.crypto.HeaderProtection;
import io.teahouse.quic.crypto.PacketSealer;

/**
 * Hides and shows what in a header is hidden: some bits of the first byte, and the packet number (RFC 9001, section
 * 5.4).
 *
 * <p>Works on the array that the packet is in. To open a packet: {@link #unmask}, which gives the packet number's
 * length; {@link #truncatedNumber} and {@link PacketNumber#expand}; then {@link
 * io.teahouse.quic.crypto.PacketOpener#open}; and if that succeeds, see that the {@linkplain #reservedBits reserved
 * bits} are 0.
 */
public final class PacketProtection {
    private static final int LENGTH_BITS = 0x03;
    private static final int KEY_PHASE_BIT = 0x04;
    private static final int SPIN_BIT = 0x20;
    private static final int LONG_HIDDEN_BITS = 0x0f;
    private static final int SHORT_HIDDEN_BITS = 0x1f;
    private static final int LONG_RESERVED_BITS = 0x0c;
    private static final int SHORT_RESERVED_BITS = 0x18;

    private PacketProtection() {}

    /**
     * Shows a header.
     *
     * @param buffer     has the packet
     * @param packet     where it is
     * @param protection that of the packet's sender and level
     * @return how many bytes the packet number has, 1 to 4
     */
    public static int unmask(byte[] buffer, ReceivedPacket.Sealed packet, HeaderProtection protection) {
        int numberOffset = packet.numberOffset();
        long mask = protection.mask(buffer, numberOffset + HeaderProtection.SAMPLE_OFFSET);
        maskFirstByte(buffer, packet.start(), mask);
        int numberLength = (buffer[packet.start()] & LENGTH_BITS) + 1;
        maskNumber(buffer, numberOffset, numberLength, mask);
        return numberLength;
    }

    /**
     * {@return the part of the packet number that was sent}
     *
     * @param buffer       has the packet, unmasked
     * @param numberOffset where the packet number begins
     * @param numberLength how many bytes it has, 1 to 4
     */
    public static long truncatedNumber(byte[] buffer, int numberOffset, int numberLength) {
        long truncated = 0;
        for (int index = 0; index < numberLength; index++) {
            truncated = truncated << Byte.SIZE | Byte.toUnsignedLong(buffer[numberOffset + index]);
        }
        return truncated;
    }

    /**
     * {@return the bits of an unmasked first byte that have to be 0, else it is a PROTOCOL_VIOLATION}
     *
     * @param firstByte of a packet that was opened
     */
    public static int reservedBits(byte firstByte) {
        return firstByte & (isLong(firstByte) ? LONG_RESERVED_BITS : SHORT_RESERVED_BITS);
    }

    /**
     * {@return the key phase, 0 or 1, that an unmasked first byte says}
     *
     * @param firstByte of a short header
     */
    public static int keyPhase(byte firstByte) {
        return (firstByte & KEY_PHASE_BIT) == 0 ? 0 : 1;
    }

    /**
     * {@return the latency spin bit, which is never hidden}
     *
     * @param firstByte of a short header
     */
    public static boolean spin(byte firstByte) {
        return (firstByte & SPIN_BIT) != 0;
    }

    static byte shortFirstByte(boolean spin, int keyPhase, int numberLength) {
        return (byte) (DatagramReader.FIXED_BIT
                | (spin ? SPIN_BIT : 0)
                | (keyPhase == 0 ? 0 : KEY_PHASE_BIT)
                | (numberLength - 1));
    }

    /** Seals a payload and hides the header before it. */
    static void protect(
            byte[] buffer,
            int start,
            int numberOffset,
            int payloadStart,
            int payloadEnd,
            long pathId,
            long number,
            PacketSealer sealer,
            HeaderProtection protection) {
        sealer.seal(buffer, start, payloadStart, payloadEnd, pathId, number);
        long mask = protection.mask(buffer, numberOffset + HeaderProtection.SAMPLE_OFFSET);
        maskFirstByte(buffer, start, mask);
        maskNumber(buffer, numberOffset, payloadStart - numberOffset, mask);
    }

    private static void maskFirstByte(byte[] buffer, int start, long mask) {
        int bits = isLong(buffer[start]) ? LONG_HIDDEN_BITS : SHORT_HIDDEN_BITS;
        buffer[start] ^= (byte) (mask >>> (4 * Byte.SIZE) & bits);
    }

    private static void maskNumber(byte[] buffer, int numberOffset, int numberLength, long mask) {
        for (int index = 0; index < numberLength; index++) {
            buffer[numberOffset + index] ^= (byte) (mask >>> ((3 - index) * Byte.SIZE));
        }
    }

    private static boolean isLong(byte firstByte) {
        return (firstByte & DatagramReader.LONG_HEADER) != 0;
    }
}
