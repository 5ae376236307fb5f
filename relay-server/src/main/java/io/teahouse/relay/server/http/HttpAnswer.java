package io.teahouse.relay.server.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What is answered to a request.
 *
 * @param status  status code
 * @param headers header lines, names in lower case
 * @param body    the body, shared and never changed
 */
@SuppressWarnings("ArrayRecordComponent") // written to the wire, never compared
record HttpAnswer(int status, List<Map.Entry<String, String>> headers, byte[] body) {
    static final HttpAnswer NOT_FOUND = text(404, "Not Found");

    /** Returns an answer without a body. */
    static HttpAnswer empty(int status, List<Map.Entry<String, String>> headers) {
        return new HttpAnswer(status, headers, new byte[0]);
    }

    /** Returns an answer with a text that needs no content type. */
    static HttpAnswer text(int status, String body) {
        return new HttpAnswer(status, List.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns an answer with a body of some type. */
    static HttpAnswer of(String contentType, String body) {
        return new HttpAnswer(
                200, List.of(Map.entry("content-type", contentType)), body.getBytes(StandardCharsets.UTF_8));
    }
}
