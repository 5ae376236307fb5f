package io.teahouse.relay.server.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether the relay is alive, and whether it is ready for clients: the same on the main listener and on that of the
 * metrics, where it can be asked while the former is closed already. Safe for use by many threads.
 */
final class HealthPages {
    private static final List<Map.Entry<String, String>> TEXT =
            List.of(Map.entry("content-type", "text/plain; charset=utf-8"));
    private static final HttpAnswer READY =
            new HttpAnswer(200, TEXT, HttpAnswer.text(200, "ready\n").body());

    private final HttpAnswer health;
    private final Supplier<Optional<String>> whyNotReady;

    /**
     * Creates the pages.
     *
     * @param version     of this program
     * @param whyNotReady why clients should go elsewhere, if they should
     */
    HealthPages(String version, Supplier<Optional<String>> whyNotReady) {
        this.health = HttpAnswer.of(
                "application/json",
                "{\"status\":\"ok\",\"version\":\"%s\",\"git_hash\":\"unknown\"}".formatted(version));
        this.whyNotReady = whyNotReady;
    }

    /** Returns the answer if the path is one of these pages. */
    Optional<HttpAnswer> answer(String path) {
        return switch (path) {
            case "/healthz" -> Optional.of(health);
            case "/readyz" ->
                Optional.of(whyNotReady
                        .get()
                        .map(reason -> new HttpAnswer(
                                503, TEXT, HttpAnswer.text(503, reason + "\n").body()))
                        .orElse(READY));
            default -> Optional.empty();
        };
    }
}
