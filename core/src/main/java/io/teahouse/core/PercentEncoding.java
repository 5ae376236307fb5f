package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/**
 * The sets of characters that parts of a URL escape (URL Standard, section 1.3). Every set has the controls and
 * everything that is not ASCII; the constants say what else.
 */
enum PercentEncoding {
    CONTROLS(""),
    FRAGMENT(" \"<>`"),
    QUERY(" \"#<>"),
    SPECIAL_QUERY(QUERY.escaped + "'"),
    PATH(QUERY.escaped + "?^`{}"),
    USER_INFO(PATH.escaped + "/:;=@[\\]|");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final String escaped;

    PercentEncoding(String escaped) {
        this.escaped = escaped;
    }

    /** Escapes; what is escaped already stays as it is. */
    String encode(String text) {
        var encoded = new StringBuilder(text.length());
        for (byte next : text.getBytes(UTF_8)) {
            if (next < ' ' || next == 0x7f || escaped.indexOf(next) >= 0) { // not ASCII is negative
                HEX.toHexDigits(encoded.append('%'), next);
            } else {
                encoded.append((char) next);
            }
        }
        return encoded.toString();
    }

    /** Undoes escapes; a percent sign without two hex digits behind it stays, bytes that are no UTF-8 become U+FFFD. */
    static String decode(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        int length = 0;
        for (int index = 0; index < bytes.length; index++) {
            if (bytes[index] == '%'
                    && index + 2 < bytes.length
                    && HexFormat.isHexDigit(bytes[index + 1])
                    && HexFormat.isHexDigit(bytes[index + 2])) {
                bytes[length++] = (byte)
                        (HexFormat.fromHexDigit(bytes[index + 1]) << 4 | HexFormat.fromHexDigit(bytes[index + 2]));
                index += 2;
            } else {
                bytes[length++] = bytes[index];
            }
        }
        return new String(bytes, 0, length, UTF_8);
    }
}
