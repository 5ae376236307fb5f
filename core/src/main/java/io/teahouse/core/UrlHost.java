package io.teahouse.core;

import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * Reads the host of a URL and gives it in the one form in which it is written (URL Standard, section 3.5): a domain
 * in lower-case ASCII, an IPv4 address in four decimal parts, an IPv6 address compressed and in brackets.
 *
 * <p>International names go through {@link IDN}, which maps by IDNA 2003. Where the URL Standard maps otherwise, the
 * name is refused, so that no wrong name comes out; such a name can be given in its xn-- form, which is taken as it
 * is.
 */
final class UrlHost {
    private static final String FORBIDDEN = "\0\t\n\r #/:<>?@[\\]^|";

    /** Sharp s in both cases, final sigma, and the two joiners: other names under IDNA 2003. */
    private static final String OTHERWISE_IN_IDNA_2003 = "\u00df\u1e9e\u03c2\u200c\u200d";

    /** What DNS can hold, in ASCII even; keeps the effort for a label that is none in bounds. */
    private static final int LABEL_LENGTH_MAX = 63;

    /** The full stop, and those of other scripts that IDNA takes for one. */
    private static final Pattern DOT = Pattern.compile("[.\u3002\uff0e\uff61]");

    private UrlHost() {}

    /**
     * {@return the host as it is written}
     *
     * @param isDomain whether the scheme's hosts are domains and addresses; others' are kept with escapes
     */
    static String normalise(String host, boolean isDomain) throws FormatException {
        if (host.startsWith("[")) {
            if (!host.endsWith("]")) {
                throw new FormatException("relay URL: host has an opening bracket only (expected: [IPv6 address])");
            }
            byte[] address = Ipv6Text.parse(host.substring(1, host.length() - 1))
                    .orElseThrow(() -> new FormatException(
                            "relay URL: host in brackets is no IPv6 address (expected: such as [2001:db8::1])"));
            return '[' + Ipv6Text.format(address) + ']';
        }
        if (!isDomain) {
            refuseForbidden(host, false);
            return PercentEncoding.CONTROLS.encode(host);
        }
        String domain = toAscii(PercentEncoding.decode(host));
        refuseForbidden(domain, true);
        return endsInNumber(domain) ? normaliseIpv4(domain) : domain;
    }

    private static void refuseForbidden(String host, boolean isDomain) throws FormatException {
        for (int index = 0; index < host.length(); index++) {
            char character = host.charAt(index);
            if (FORBIDDEN.indexOf(character) >= 0
                    || (isDomain && (character < ' ' || character == '%' || character == 0x7f))) {
                throw new FormatException("relay URL: host has character U+%04X (expected: a domain or an address)"
                        .formatted((int) character));
            }
        }
    }

    private static String toAscii(String domain) throws FormatException {
        var labels = new StringJoiner(".");
        for (String label : DOT.split(domain, -1)) {
            labels.add(isAscii(label) ? label : labelToAscii(label));
        }
        if (labels.length() == 0) {
            throw new FormatException("relay URL: host is empty (expected: a domain or an address)");
        }
        return labels.toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }

    private static String labelToAscii(String label) throws FormatException {
        if (label.length() > LABEL_LENGTH_MAX
                || label.chars().anyMatch(character -> OTHERWISE_IN_IDNA_2003.indexOf(character) >= 0)) {
            throw new FormatException("relay URL: host is not convertible to ASCII (expected: its xn-- form)");
        }
        try {
            return IDN.toASCII(label, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            throw new FormatException("relay URL: host is no international domain name (expected: its xn-- form)");
        }
    }

    /** Tells whether nothing but an IPv4 address may be meant (URL Standard, section 3.5, "ends in a number"). */
    private static boolean endsInNumber(String domain) {
        List<String> parts = ipv4Parts(domain);
        String last = parts.getLast();
        return isAllDigits(last, 10) || (last.startsWith("0x") && isAllDigits(last.substring(2) + '0', 16));
    }

    private static List<String> ipv4Parts(String domain) {
        var parts = List.of(domain.split("\\.", -1));
        return parts.size() > 1 && parts.getLast().isEmpty() ? parts.subList(0, parts.size() - 1) : parts;
    }

    /** Reads one to four numbers, decimal, octal or hex, of which the last one fills what the others leave. */
    private static String normaliseIpv4(String domain) throws FormatException {
        List<String> parts = ipv4Parts(domain);
        if (parts.size() > 4) {
            throw notIpv4();
        }
        long address = 0;
        for (int index = 0; index < parts.size(); index++) {
            boolean isLast = index == parts.size() - 1;
            int bits = isLast ? Integer.SIZE - Byte.SIZE * index : Byte.SIZE;
            long number = ipv4Number(parts.get(index));
            if (number >>> bits != 0) {
                throw notIpv4();
            }
            address = address << bits | number;
        }
        return "%d.%d.%d.%d".formatted(address >>> 24, address >>> 16 & 255, address >>> 8 & 255, address & 255);
    }

    private static long ipv4Number(String part) throws FormatException {
        boolean isHex = part.startsWith("0x");
        boolean isOctal = !isHex && part.startsWith("0");
        String digits = isHex ? '0' + part.substring(2) : part;
        int radix = isHex ? 16 : isOctal ? 8 : 10;
        if (!isAllDigits(digits, radix)) {
            throw notIpv4();
        }
        long number = 0;
        for (int index = 0; index < digits.length(); index++) {
            number = Math.min(number * radix + Character.digit(digits.charAt(index), radix), 1L << Integer.SIZE);
        }
        return number;
    }

    private static boolean isAllDigits(String text, int radix) {
        return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && Character.digit(c, radix) >= 0);
    }

    private static FormatException notIpv4() {
        return new FormatException(
                "relay URL: host ends in a number, but is no IPv4 address (expected: such as 192.0.2.1)");
    }
}
