package io.teahouse.relay.server.conversation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP answer as it came.
 *
 * @param statusLine the first line
 * @param headers    header lines in order, names in lower case
 * @param body       the body as text
 */
record HttpReply(String statusLine, List<Map.Entry<String, String>> headers, String body) {

    /** Reads an answer to a request of some method; the stream may not end before its head does. */
    static HttpReply read(Wire wire, String method) throws IOException {
        var statusLine = wire.readLine().orElseThrow(() -> new AssertionError("the stream ended without an answer"));
        var headers = new ArrayList<Map.Entry<String, String>>();
        while (true) {
            var line = wire.readLine().orElseThrow(() -> new AssertionError("the stream ended within the head"));
            if (line.isEmpty()) {
                break;
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new AssertionError("no header line: " + line);
            }
            headers.add(Map.entry(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip()));
        }
        var bare = new HttpReply(statusLine, List.copyOf(headers), "");
        int length = bare.header("content-length").map(Integer::parseInt).orElse(0);
        var body = method.equals("HEAD") ? new byte[0] : wire.readExactly(length);
        return new HttpReply(statusLine, bare.headers(), new String(body, java.nio.charset.StandardCharsets.UTF_8));
    }

    int status() {
        if (!statusLine.startsWith("HTTP/1.1 ")) {
            throw new AssertionError("no HTTP/1.1: " + statusLine);
        }
        return Integer.parseInt(statusLine.substring(9, 12));
    }

    /** Returns the value of a header that is there once; it is an error if it is there more often. */
    Optional<String> header(String name) {
        var values = headers.stream().filter(line -> line.getKey().equals(name)).toList();
        if (values.size() > 1) {
            throw new AssertionError("%s is there %d times".formatted(name, values.size()));
        }
        return values.stream().map(Map.Entry::getValue).findFirst();
    }

    /** The names of all headers, in alphabetical order, repeated ones repeated. */
    List<String> headerNames() {
        return headers.stream().map(Map.Entry::getKey).sorted().toList();
    }
}
