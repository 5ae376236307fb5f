package io.teahouse.relay.server.access;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the token of a request, and its query parameters (iroh relay spec, section 3.4). No state. */
public final class RequestToken {
    private static final String SCHEME = "Bearer";
    private static final String QUERY_PARAMETER = "token";

    private RequestToken() {}

    /**
     * {@return the token of a request: everything behind the first space of the first {@code Authorization} header that
     * is of the scheme {@code Bearer}; without such a header the first query parameter {@code token}}
     *
     * @param headers header lines in order
     * @param uri     request target as it was sent
     */
    public static Optional<String> of(List<Map.Entry<String, String>> headers, String uri) {
        for (var line : headers) {
            if (!line.getKey().equalsIgnoreCase("authorization")) {
                continue;
            }
            var value = line.getValue();
            if (!isText(value)) {
                return Optional.empty();
            }
            int space = value.indexOf(' ');
            if (space >= 0 && value.substring(0, space).equalsIgnoreCase(SCHEME)) {
                return Optional.of(value.substring(space + 1));
            }
        }
        return query(uri).stream()
                .filter(parameter -> parameter.getKey().equals(QUERY_PARAMETER))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /**
     * {@return the query parameters of a request target, form-url-decoded, in order, repeated ones kept}
     *
     * @param uri request target as it was sent
     */
    public static List<Map.Entry<String, String>> query(String uri) {
        int mark = uri.indexOf('?');
        if (mark < 0) {
            return List.of();
        }
        var parameters = new ArrayList<Map.Entry<String, String>>();
        for (var part : uri.substring(mark + 1).split("&", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                parameters.add(Map.entry(
                        decode(equals < 0 ? part : part.substring(0, equals)),
                        decode(equals < 0 ? "" : part.substring(equals + 1))));
            }
        }
        return parameters;
    }

    private static boolean isText(String value) {
        return value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'));
    }

    /** Decodes as browsers do: what is no escape stays as it is, what is no UTF-8 becomes a replacement character. */
    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                bytes.write((high << 4) | low);
                i += 2;
            } else {
                bytes.writeBytes((c == '+' ? " " : String.valueOf(c)).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
