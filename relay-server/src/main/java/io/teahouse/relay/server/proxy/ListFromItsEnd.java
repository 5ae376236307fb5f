package io.teahouse.relay.server.proxy;

import java.util.Optional;

/**
 * The elements of a comma-separated header value, last one first (RFC 9110, section 5.6.1).
 *
 * <p>From its end, since the end is what the nearest proxy wrote: a quotation mark that a client has left open in front of it
 * cannot swallow it. Not thread-safe.
 */
final class ListFromItsEnd {
    private final String line;

    /** Where the next element ends; below 0 when there is none. */
    private int end;

    ListFromItsEnd(String line) {
        this.line = line;
        this.end = line.length();
    }

    /** Returns the next element towards the front, without blanks around it; empty ones are passed over. */
    Optional<String> next() {
        while (end >= 0) {
            int comma = commaBefore(end);
            var element = line.substring(comma + 1, end).strip();
            end = comma;
            if (!element.isEmpty()) {
                return Optional.of(element);
            }
        }
        return Optional.empty();
    }

    private int commaBefore(int from) {
        boolean quoted = false;
        for (int i = from - 1; i >= 0; i--) {
            char c = line.charAt(i);
            if (c == '"' && !isEscaped(i)) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    /** Returns whether an odd number of backslashes stands before a character. */
    private boolean isEscaped(int at) {
        int i = at - 1;
        while (i >= 0 && line.charAt(i) == '\\') {
            i--;
        }
        return (at - 1 - i) % 2 == 1;
    }
}
