package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A URL taken apart and normalised, as the URL Standard's parser does it for a text without a base URL.
 *
 * <p>The standard goes character by character through states; without a base URL the same comes out of cutting the
 * text at its delimiters, which is what this does. File URLs, which have rules of their own and no relay, are
 * refused.
 *
 * @param scheme   in lower case
 * @param userInfo user, or user:password, escaped; may be empty
 * @param host     as it is written; empty text where there is an authority without a host
 * @param port     -1 where it is absent or the scheme's default
 * @param path     escaped; not starting with a slash where it is opaque
 * @param query    escaped, without the question mark
 * @param fragment escaped, without the number sign
 */
record UrlParts(
        String scheme,
        String userInfo,
        Optional<String> host,
        int port,
        String path,
        Optional<String> query,
        Optional<String> fragment) {
    /** The schemes whose URLs must have a host, and their ports. */
    private static final Map<String, Integer> SPECIAL =
            Map.of("http", 80, "https", 443, "ws", 80, "wss", 443, "ftp", 21);

    static UrlParts parse(String input) throws FormatException {
        if (!UTF_8.newEncoder().canEncode(input)) {
            throw new FormatException("relay URL: half of a surrogate pair (expected: Unicode text)");
        }
        String text = trimmed(input);
        int schemeEnd = schemeEnd(text);
        String scheme = text.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        if (scheme.equals("file")) {
            throw new FormatException("relay URL: scheme is file (expected: https or http)");
        }
        boolean special = SPECIAL.containsKey(scheme);
        String rest = text.substring(schemeEnd + 1);

        int fragmentStart = rest.indexOf('#');
        Optional<String> fragment = partFrom(rest, fragmentStart, PercentEncoding.FRAGMENT);
        rest = fragmentStart < 0 ? rest : rest.substring(0, fragmentStart);
        int queryStart = rest.indexOf('?');
        Optional<String> query =
                partFrom(rest, queryStart, special ? PercentEncoding.SPECIAL_QUERY : PercentEncoding.QUERY);
        rest = queryStart < 0 ? rest : rest.substring(0, queryStart);

        if (special) {
            // Browsers take any number of slashes of either kind, so everybody does.
            rest = "//" + rest.replace('\\', '/').replaceFirst("^/+", "");
        }
        if (rest.startsWith("//")) {
            int pathStart = rest.indexOf('/', 2) < 0 ? rest.length() : rest.indexOf('/', 2);
            String authority = rest.substring(2, pathStart);
            String path = rest.substring(pathStart);
            return ofAuthority(
                    scheme, authority, special && path.isEmpty() ? "/" : normalisePath(path), query, fragment);
        }
        String path = rest.startsWith("/")
                ? normalisePath(rest)
                : opaquePath(rest, query.isPresent() || fragment.isPresent());
        return new UrlParts(scheme, "", Optional.empty(), -1, path, query, fragment);
    }

    private static String trimmed(String input) {
        int start = 0;
        int end = input.length();
        while (start < end && input.charAt(start) <= ' ') {
            start++;
        }
        while (start < end && input.charAt(end - 1) <= ' ') {
            end--;
        }
        return input.substring(start, end).replaceAll("[\t\n\r]", "");
    }

    private static int schemeEnd(String text) throws FormatException {
        int end = 0;
        while (end < text.length() && isSchemeCharacter(text.charAt(end), end == 0)) {
            end++;
        }
        if (end == 0 || end == text.length() || text.charAt(end) != ':') {
            throw new FormatException("relay URL: no scheme (expected: such as https://relay.example)");
        }
        return end;
    }

    private static boolean isSchemeCharacter(char character, boolean isFirst) {
        boolean isLetter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
        return isLetter || (!isFirst && ((character >= '0' && character <= '9') || "+-.".indexOf(character) >= 0));
    }

    private static Optional<String> partFrom(String text, int delimiter, PercentEncoding encoding) {
        return delimiter < 0 ? Optional.empty() : Optional.of(encoding.encode(text.substring(delimiter + 1)));
    }

    private static UrlParts ofAuthority(
            String scheme, String authority, String path, Optional<String> query, Optional<String> fragment)
            throws FormatException {
        boolean special = SPECIAL.containsKey(scheme);
        int at = authority.lastIndexOf('@');
        String hostAndPort = authority.substring(at + 1);
        int colon = portDelimiter(hostAndPort);
        String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
        if (host.isEmpty() && (special || at >= 0 || colon >= 0)) {
            throw new FormatException("relay URL: host is missing (expected: such as https://relay.example)");
        }
        int port = colon < 0 ? -1 : readPort(hostAndPort.substring(colon + 1));
        return new UrlParts(
                scheme,
                at < 0 ? "" : normaliseUserInfo(authority.substring(0, at)),
                Optional.of(UrlHost.normalise(host, special)),
                port == SPECIAL.getOrDefault(scheme, -1) ? -1 : port,
                path,
                query,
                fragment);
    }

    /** Finds the first colon that is not within brackets. */
    private static int portDelimiter(String hostAndPort) {
        boolean inBrackets = false;
        for (int index = 0; index < hostAndPort.length(); index++) {
            switch (hostAndPort.charAt(index)) {
                case '[' -> inBrackets = true;
                case ']' -> inBrackets = false;
                case ':' -> {
                    if (!inBrackets) {
                        return index;
                    }
                }
                default -> {}
            }
        }
        return -1;
    }

    private static int readPort(String digits) throws FormatException {
        int port = digits.isEmpty() ? -1 : 0;
        for (int index = 0; index < digits.length(); index++) {
            int digit = digits.charAt(index) - '0';
            port = port * 10 + digit;
            if (digit < 0 || digit > 9 || port > 0xffff) {
                throw new FormatException("relay URL: port is not usable (expected: a number from 0 to 65535)");
            }
        }
        return port;
    }

    private static String normaliseUserInfo(String userInfo) {
        int colon = userInfo.indexOf(':');
        if (colon < 0) {
            return PercentEncoding.USER_INFO.encode(userInfo);
        }
        String user = PercentEncoding.USER_INFO.encode(userInfo.substring(0, colon));
        String password = PercentEncoding.USER_INFO.encode(userInfo.substring(colon + 1));
        return password.isEmpty() ? user : user + ':' + password;
    }

    /** Escapes a path that starts with a slash or is empty, and takes its dot segments out. */
    private static String normalisePath(String path) {
        if (path.isEmpty()) {
            return "";
        }
        List<String> raw = List.of(path.substring(1).split("/", -1));
        var segments = new ArrayList<String>();
        for (int index = 0; index < raw.size(); index++) {
            String segment = PercentEncoding.PATH.encode(raw.get(index));
            String dots = segment.replaceAll("(?i)%2e", ".");
            boolean isDots = dots.equals(".") || dots.equals("..");
            if (dots.equals("..") && !segments.isEmpty()) {
                segments.removeLast();
            }
            if (!isDots) {
                segments.add(segment);
            } else if (index == raw.size() - 1) {
                segments.add("");
            }
        }
        return '/' + String.join("/", segments);
    }

    private static String opaquePath(String path, boolean isFollowed) {
        // A blank at the very end would be lost when the URL is read again and what follows has been taken off.
        String kept = isFollowed && path.endsWith(" ") ? path.substring(0, path.length() - 1) + "%20" : path;
        return PercentEncoding.CONTROLS.encode(kept);
    }

    /** {@return the URL as it is written (URL Standard, section 4.5)} */
    String write() {
        var text = new StringBuilder(scheme).append(':');
        if (host.isPresent()) {
            text.append("//")
                    .append(userInfo)
                    .append(userInfo.isEmpty() ? "" : "@")
                    .append(host.get());
            if (port >= 0) {
                text.append(':').append(port);
            }
        } else if (path.startsWith("//")) {
            text.append("/."); // or the path would be read as an authority
        }
        text.append(path);
        query.ifPresent(value -> text.append('?').append(value));
        fragment.ifPresent(value -> text.append('#').append(value));
        return text.toString();
    }
}
