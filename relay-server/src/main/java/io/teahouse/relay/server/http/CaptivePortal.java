package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Map;

/**
 * Answers the probe by which a client finds out whether somebody in between answers in our place: 204, and the client's
 * challenge sent back (iroh relay server spec, section 2.1). The routes of the small listener beside TLS, which has nothing
 * else.
 */
final class CaptivePortal implements Routes {
    static final String PATH = "/generate_204";

    private static final String CHALLENGE = "x-iroh-challenge";
    private static final int MAX_CHALLENGE = 63;

    @Override
    public Outcome route(HttpRequest request) {
        boolean known = Routes.path(request).equals(PATH)
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD));
        return new Outcome.Answer(known ? answer(request) : HttpAnswer.NOT_FOUND);
    }

    @Override
    public boolean keepAlive() {
        return false;
    }

    static HttpAnswer answer(HttpRequest request) {
        var challenge = request.headers().get(CHALLENGE);
        boolean usable = challenge != null
                && !challenge.isEmpty()
                && challenge.length() <= MAX_CHALLENGE
                && challenge.chars().allMatch(CaptivePortal::isUsable);
        return HttpAnswer.empty(
                204, usable ? List.of(Map.entry("x-iroh-response", "response " + challenge)) : List.of());
    }

    private static boolean isUsable(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || ".-_".indexOf(c) >= 0;
    }
}
