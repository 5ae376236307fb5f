package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.bytes.Base32;

/**
 * Reads the 32 bytes of a key from text (iroh relay spec, section 1.1): of 64 characters they are lower-case hex, of
 * 52 they are base32.
 *
 * <p>The text may be a secret, so no message repeats any of it.
 */
final class KeyText {
    private static final int HEX_LENGTH = 2 * EndpointId.LENGTH;

    private KeyText() {}

    static byte[] decode(String text) throws FormatException {
        int length = text.getBytes(UTF_8).length; // as iroh counts; only what is refused anyway can differ
        if (length == HEX_LENGTH) {
            return decodeHex(text);
        }
        if (length != Base32.lengthOf(EndpointId.LENGTH)) {
            throw new FormatException("invalid length: %d bytes of text (expected: %d of hex or %d of base32)"
                    .formatted(length, HEX_LENGTH, Base32.lengthOf(EndpointId.LENGTH)));
        }
        return Base32.RFC4648
                .decode(text)
                .orElseThrow(
                        () -> new FormatException(
                                "failed to decode base32 string (expected: a to z and 2 to 7 in either case, no bit left over)"));
    }

    private static byte[] decodeHex(String text) throws FormatException {
        var bytes = new byte[EndpointId.LENGTH];
        for (int index = 0; index < text.length(); index++) {
            char digit = text.charAt(index);
            boolean isHex = (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
            if (!isHex) {
                throw new FormatException("failed to decode hex string at character %d (expected: 0 to 9 and a to f)"
                        .formatted(index + 1));
            }
            bytes[index / 2] = (byte) ((bytes[index / 2] << 4) | Character.digit(digit, 16));
        }
        return bytes;
    }
}
