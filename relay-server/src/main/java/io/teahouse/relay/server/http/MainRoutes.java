package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Map;

/** What the main listener answers (iroh relay server spec, section 2). */
final class MainRoutes implements Routes {
    private static final String RELAY = "/relay";

    private static final List<Map.Entry<String, String>> SECURITY_HEADERS = List.of(
            Map.entry("strict-transport-security", "max-age=63072000; includeSubDomains"),
            Map.entry(
                    "content-security-policy",
                    "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'self'; "
                            + "block-all-mixed-content; plugin-types 'none'"));

    private static final HttpAnswer ROBOTS = HttpAnswer.text(200, "User-agent: *\nDisallow: /\n");
    private static final HttpAnswer PING =
            HttpAnswer.empty(200, List.of(Map.entry("access-control-allow-origin", "*")));

    private final String urlPrefix;
    private final boolean answersCaptivePortal;
    private final HttpAnswer index;
    private final HealthPages health;

    /**
     * Creates the routes.
     *
     * @param urlPrefix            a path under which everything is answered too; may be empty
     * @param answersCaptivePortal whether the probe for captive portals is answered here: without TLS, where there is no
     *                             listener of its own for it
     * @param health               what is answered to those who watch over the relay
     */
    MainRoutes(String urlPrefix, boolean answersCaptivePortal, HealthPages health) {
        this.urlPrefix = urlPrefix;
        this.answersCaptivePortal = answersCaptivePortal;
        this.index = HttpAnswer.of(
                "text/html; charset=utf-8",
                "<html><body><h1>Teahouse relay</h1><p>This is a relay server for "
                        + "<a href=\"https://iroh.computer/\">iroh</a> endpoints.</p></body></html>\n");
        this.health = health;
    }

    @Override
    public Outcome route(HttpRequest request) {
        var path = withoutPrefix(Routes.path(request));
        boolean get = request.method().equals(HttpMethod.GET);
        if (get && path.equals(RELAY)) {
            return UpgradeRules.decide(request);
        }
        if (!get && !request.method().equals(HttpMethod.HEAD)) {
            return new Outcome.Answer(HttpAnswer.NOT_FOUND);
        }
        return new Outcome.Answer(
                switch (path) {
                    case "/", "/index.html" -> index;
                    case "/ping" -> PING;
                    case "/robots.txt" -> ROBOTS;
                    case CaptivePortal.PATH ->
                        answersCaptivePortal ? CaptivePortal.answer(request) : HttpAnswer.NOT_FOUND;
                    default -> health.answer(path).orElse(HttpAnswer.NOT_FOUND);
                });
    }

    private String withoutPrefix(String path) {
        if (urlPrefix.isEmpty() || !path.startsWith(urlPrefix)) {
            return path;
        }
        var rest = path.substring(urlPrefix.length());
        return rest.isEmpty() ? "/" : rest.startsWith("/") ? rest : path;
    }

    @Override
    public List<Map.Entry<String, String>> commonHeaders() {
        return SECURITY_HEADERS;
    }
}
