package io.teahouse.relay.server.proxy;

import java.util.Optional;

/** What one proxy wrote into {@code Forwarded}: {@code for=192.0.2.60;proto=http} (RFC 7239, section 4). */
final class ForwardedElement {
    private ForwardedElement() {}

    /** Returns the node whose request was passed on, without quotation marks; empty if it is not told, or told twice. */
    static Optional<String> client(String element) {
        var found = Optional.<String>empty();
        for (int at = 0; at < element.length(); ) {
            int end = endOfPair(element, at);
            var pair = element.substring(at, end).strip();
            at = end + 1;
            int equals = pair.indexOf('=');
            if (equals < 0 && !pair.isEmpty()) {
                return Optional.empty();
            }
            if (equals >= 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
                if (found.isPresent()) {
                    return Optional.empty();
                }
                found = unquoted(pair.substring(equals + 1).strip());
                if (found.isEmpty()) {
                    return Optional.empty();
                }
            }
        }
        return found;
    }

    private static int endOfPair(String element, int from) {
        boolean quoted = false;
        for (int i = from; i < element.length(); i++) {
            char c = element.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == ';' && !quoted) {
                return i;
            }
        }
        return element.length();
    }

    /** Returns what a token or a quoted string says (RFC 9110, section 5.6.4). */
    private static Optional<String> unquoted(String value) {
        if (!value.startsWith("\"")) {
            return Optional.of(value);
        }
        var text = new StringBuilder();
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                return i == value.length() - 1 ? Optional.of(text.toString()) : Optional.empty();
            }
            if (c == '\\' && ++i < value.length()) {
                c = value.charAt(i);
            }
            text.append(c);
        }
        return Optional.empty();
    }
}
