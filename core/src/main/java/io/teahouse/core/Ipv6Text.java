package io.teahouse.core;

import java.util.HexFormat;
import java.util.Optional;

/** IPv6 addresses as text without brackets and without a scope (RFC 4291, section 2.2). */
final class Ipv6Text {
    private static final int LENGTH = 16;
    private static final int GROUPS = LENGTH / 2;

    private Ipv6Text() {}

    /**
     * {@return the text with the longest run of two or more zero groups, the first of equal ones, written as "::"
     * (RFC 5952, section 4)}
     */
    static String format(byte[] address) {
        assert address.length == LENGTH : address.length;
        int runStart = 0;
        int runLength = 0;
        for (int start = 0; start < GROUPS; start++) {
            int end = start;
            while (end < GROUPS && group(address, end) == 0) {
                end++;
            }
            if (end - start > runLength) {
                runStart = start;
                runLength = end - start;
            }
        }
        boolean compressed = runLength > 1; // a single zero is written as such
        var text = new StringBuilder();
        for (int index = 0; index < GROUPS; index++) {
            if (compressed && index == runStart) {
                text.append("::");
                index += runLength - 1;
            } else {
                boolean needsColon = index > 0 && text.charAt(text.length() - 1) != ':';
                text.append(needsColon ? ":" : "").append(Integer.toHexString(group(address, index)));
            }
        }
        return text.toString();
    }

    private static int group(byte[] address, int index) {
        return Byte.toUnsignedInt(address[2 * index]) << Byte.SIZE | Byte.toUnsignedInt(address[2 * index + 1]);
    }

    /** {@return the 16 bytes; empty if the text is no address} */
    static Optional<byte[]> parse(String text) {
        var address = new byte[LENGTH];
        int gap = text.indexOf("::");
        if (gap < 0) {
            return readGroups(text, address, true) == LENGTH ? Optional.of(address) : Optional.empty();
        }
        var tail = new byte[LENGTH];
        int headLength = readGroups(text.substring(0, gap), address, false);
        int tailLength = readGroups(text.substring(gap + 2), tail, true);
        if (headLength < 0 || tailLength < 0 || headLength + tailLength > LENGTH - 2) { // a gap stands for something
            return Optional.empty();
        }
        System.arraycopy(tail, 0, address, LENGTH - tailLength, tailLength);
        return Optional.of(address);
    }

    /** Fills {@code out} from its start; returns how many bytes were filled, or -1 if these are no groups. */
    private static int readGroups(String text, byte[] out, boolean mayEndInIpv4) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] groups = text.split(":", -1);
        int filled = 0;
        for (int index = 0; index < groups.length; index++) {
            String group = groups[index];
            if (mayEndInIpv4 && index == groups.length - 1 && group.indexOf('.') >= 0) {
                return filled <= LENGTH - 4 && readDottedQuad(group, out, filled) ? filled + 4 : -1;
            }
            if (filled == LENGTH
                    || group.isEmpty()
                    || group.length() > 4
                    || !group.chars().allMatch(HexFormat::isHexDigit)) {
                return -1;
            }
            int value = HexFormat.fromHexDigits(group);
            out[filled++] = (byte) (value >> Byte.SIZE);
            out[filled++] = (byte) value;
        }
        return filled;
    }

    private static boolean readDottedQuad(String text, byte[] out, int offset) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (int index = 0; index < parts.length; index++) {
            String part = parts[index];
            boolean isDecimal =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!isDecimal || (part.length() > 1 && part.charAt(0) == '0') || Integer.parseInt(part) > 255) {
                return false;
            }
            out[offset + index] = (byte) Integer.parseInt(part);
        }
        return true;
    }
}
