package io.teahouse.core.bytes;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Bytes as text of five bits a character, without padding, highest bit first.
 *
 * <p>Written in lower case. Immutable.
 */
public final class Base32 {
    /** The alphabet of RFC 4648, section 6; read in either case. */
    public static final Base32 RFC4648 = new Base32("abcdefghijklmnopqrstuvwxyz234567", true);

    /** The alphabet of z-base-32, in which ids stand in DNS names; read in lower case only. */
    public static final Base32 Z = new Base32("ybndrfg8ejkmcpqxot1uwisza345h769", false);

    private static final int BITS = 5;

    private final char[] characters;
    /** The value of each ASCII character, or -1. */
    private final byte[] values = new byte[128];

    private Base32(String alphabet, boolean eitherCase) {
        this.characters = alphabet.toCharArray();
        Arrays.fill(values, (byte) -1);
        String upperCase = alphabet.toUpperCase(Locale.ROOT);
        for (int value = 0; value < characters.length; value++) {
            values[characters[value]] = (byte) value;
            if (eitherCase) {
                values[upperCase.charAt(value)] = (byte) value;
            }
        }
    }

    /**
     * {@return how many characters spell so many bytes}
     *
     * @param bytes 0 or more
     */
    public static int lengthOf(int bytes) {
        return Math.ceilDiv(Math.multiplyExact(bytes, Byte.SIZE), BITS);
    }

    /**
     * {@return the bytes as text}
     *
     * @param bytes any number of them
     */
    public String encode(byte[] bytes) {
        var text = new StringBuilder(lengthOf(bytes.length));
        int pending = 0;
        int pendingBits = 0;
        for (byte next : bytes) {
            pending = (pending << Byte.SIZE) | (next & 0xff);
            pendingBits += Byte.SIZE;
            while (pendingBits >= BITS) {
                pendingBits -= BITS;
                text.append(characters[(pending >> pendingBits) & 0x1f]);
            }
            pending &= (1 << pendingBits) - 1;
        }
        if (pendingBits > 0) {
            text.append(characters[pending << (BITS - pendingBits)]);
        }
        return text.toString();
    }

    /**
     * {@return the bytes that a text spells; empty if a character is not of the alphabet, if no number of bytes has
     * this length, or if a bit that is left over is set}
     *
     * @param text nothing around it is skipped, padding neither
     */
    public Optional<byte[]> decode(String text) {
        var bytes = new byte[(int) ((long) text.length() * BITS / Byte.SIZE)];
        if (lengthOf(bytes.length) != text.length()) {
            return Optional.empty();
        }
        int pending = 0;
        int pendingBits = 0;
        int filled = 0;
        for (int index = 0; index < text.length(); index++) {
            char character = text.charAt(index);
            int value = character < values.length ? values[character] : -1;
            if (value < 0) {
                return Optional.empty();
            }
            pending = (pending << BITS) | value;
            pendingBits += BITS;
            if (pendingBits >= Byte.SIZE) {
                pendingBits -= Byte.SIZE;
                bytes[filled++] = (byte) (pending >> pendingBits);
            }
            pending &= (1 << pendingBits) - 1;
        }
        return pending == 0 ? Optional.of(bytes) : Optional.empty();
    }
}
