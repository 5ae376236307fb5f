package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Answers the probe by which a client finds out whether somebody in between answers in our place: 204, and the client's
 * challenge sent back (iroh relay server spec, section 2.1). The routes of the small listener beside TLS, which answers besides
 * only a certification authority that asks whether a name is ours (RFC 8555, section 8.3).
 */
final class CaptivePortal implements Routes {
    static final String PATH = "/generate_204";

    private static final String CHALLENGE = "x-iroh-challenge";
    private static final int MAX_CHALLENGE = 63;
    private static final String ACME = "/.well-known/acme-challenge/";

    private final Function<String, Optional<String>> acmeAnswer;

    /**
     * Creates the routes.
     *
     * @param acmeAnswer what a certification authority is to be answered that asks for a token
     */
    CaptivePortal(Function<String, Optional<String>> acmeAnswer) {
        this.acmeAnswer = acmeAnswer;
    }

    @Override
    public Outcome route(HttpRequest request) {
        var path = Routes.path(request);
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return new Outcome.Answer(HttpAnswer.NOT_FOUND);
        }
        if (path.startsWith(ACME)) {
            return new Outcome.Answer(acmeAnswer
                    .apply(path.substring(ACME.length()))
                    .map(text -> HttpAnswer.of("application/octet-stream", text))
                    .orElse(HttpAnswer.NOT_FOUND));
        }
        return new Outcome.Answer(path.equals(PATH) ? answer(request) : HttpAnswer.NOT_FOUND);
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
