package io.teahouse.relay.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.teahouse.relay.server.metrics.LoopCounters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the listeners answer to single requests (iroh relay server spec, section 2). */
class RoutesTest {
    private static final HealthPages HEALTH = new HealthPages("1.2.3", Optional::empty);
    private static final Routes WITHOUT_TLS = new MainRoutes("", true, HEALTH);
    private static final Routes WITH_TLS = new MainRoutes("", false, HEALTH);
    private static final Routes CAPTIVE_PORTAL =
            new CaptivePortal(token -> token.equals("t0ken") ? Optional.of("t0ken.thumbprint") : Optional.empty());

    // ---- paths ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/relay, /relay",
        "/relay?, /relay",
        "/relay?a=b, /relay",
        "/relay?a=/x?y, /relay",
        "/%72elay, /%72elay",
        "/relay/, /relay/",
        "//ping, //ping",
        "*, *",
        "relay, relay",
        "http://relay.example/relay, /relay",
        "http://relay.example/relay?a=b, /relay",
        "HTTPS://relay.example:443/relay, /relay",
        "http://relay.example, /",
        "http://relay.example?a=/relay, /",
        "http://relay.example/, /",
        "http:///relay, /relay",
        "relay.example:443, relay.example:443",
        "/?u=http://relay.example/relay, /",
        "x?u=http://relay.example/relay, x",
        "?u=http://relay.example/relay, ''",
        "x/y://relay.example/relay, x/y://relay.example/relay",
        "://relay.example/relay, ://relay.example/relay"
    })
    void aPathIsWhatWasSentWithoutTheQuery(String target, String path) {
        assertThat(Routes.path(get(target))).isEqualTo(path);
    }

    // ---- the main listener ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/?x=y"})
    void thereIsAPageThatSaysWhatThisIs(String target) {
        var answer = answer(WITH_TLS, get(target));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).containsExactly(Map.entry("content-type", "text/html; charset=utf-8"));
        assertThat(text(answer)).contains("iroh.computer");
    }

    @Test
    void pingIsEmptyAndMayBeAskedFromAnyOrigin() {
        var answer = answer(WITH_TLS, get("/ping"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).containsExactly(Map.entry("access-control-allow-origin", "*"));
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void robotsStayOutside() {
        var answer = answer(WITH_TLS, get("/robots.txt"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(text(answer)).isEqualTo("User-agent: *\nDisallow: /\n");
    }

    @Test
    void healthIsJsonWithTheVersion() {
        var answer = answer(WITH_TLS, get("/healthz"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).containsExactly(Map.entry("content-type", "application/json"));
        assertThat(text(answer)).isEqualTo("{\"status\":\"ok\",\"version\":\"1.2.3\",\"git_hash\":\"unknown\"}");
    }

    @Test
    void anAuthorityThatAsksWhetherANameIsOursIsAnsweredOnTheListenerWithoutTls() {
        var answer = answer(CAPTIVE_PORTAL, get("/.well-known/acme-challenge/t0ken"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).contains(Map.entry("content-type", "application/octet-stream"));
        assertThat(answer.body()).asString().isEqualTo("t0ken.thumbprint");

        assertThat(answer(CAPTIVE_PORTAL, get("/.well-known/acme-challenge/other"))
                        .status())
                .isEqualTo(404);
        assertThat(answer(CAPTIVE_PORTAL, get("/.well-known/acme-challenge/")).status())
                .isEqualTo(404);
    }

    @Test
    void captivePortalsAreProbedOnTheListenerWithoutTls() {
        assertThat(answer(WITHOUT_TLS, get("/generate_204")).status()).isEqualTo(204);
        assertThat(answer(WITH_TLS, get("/generate_204")).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//ping", "/Ping", "/ping/", "/relay/", "/derp", "/%70ing", "*", "ping", "/metrics"})
    void anythingElseIsNotFound(String target) {
        assertNotFound(WITHOUT_TLS, get(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get"})
    void otherMethodsAreNotFound(String method) {
        for (var target : List.of("/", "/ping", "/relay", "/generate_204", "/healthz")) {
            assertNotFound(WITHOUT_TLS, request(HttpMethod.valueOf(method), target));
        }
    }

    @Test
    void headIsAnsweredLikeGetButForTheUpgrade() {
        for (var target : List.of("/", "/ping", "/robots.txt", "/healthz", "/generate_204", "/none")) {
            assertThat(answer(WITHOUT_TLS, request(HttpMethod.HEAD, target)).status())
                    .isEqualTo(answer(WITHOUT_TLS, get(target)).status());
        }
        assertNotFound(WITHOUT_TLS, request(HttpMethod.HEAD, "/relay"));
    }

    @Test
    void everyAnswerHasTheSecurityHeaders() {
        assertThat(WITH_TLS.commonHeaders())
                .containsExactly(
                        Map.entry("strict-transport-security", "max-age=63072000; includeSubDomains"),
                        Map.entry(
                                "content-security-policy",
                                "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'self'; "
                                        + "block-all-mixed-content; plugin-types 'none'"));
        assertThat(WITH_TLS.keepAlive()).isTrue();
    }

    @Test
    void theUpgradeIsForTheRelay() {
        assertThat(answer(WITH_TLS, get("/relay?x=y")).status()).isEqualTo(400);
        assertThat(text(answer(WITH_TLS, get("http://relay.example/relay")))).isEqualTo("missing header: upgrade");
    }

    // ---- captive portals -----------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {"123az__.", "a", "-", ".", "123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"})
    void aChallengeIsSentBack(String challenge) {
        var answer = answer(CAPTIVE_PORTAL, challenge(challenge));

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.headers()).containsExactly(Map.entry("x-iroh-response", "response " + challenge));
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a/b", "a\tb", "\u00e9", "a:b", "a~", "\u0660"})
    void aChallengeOfOtherCharactersIsNotSentBack(String challenge) {
        assertThat(answer(CAPTIVE_PORTAL, challenge(challenge)).status()).isEqualTo(204);
        assertThat(answer(CAPTIVE_PORTAL, challenge(challenge)).headers()).isEmpty();
    }

    @Test
    void aChallengeHasAtMost63Bytes() {
        assertThat(answer(CAPTIVE_PORTAL, get("/generate_204")).headers()).isEmpty();
        assertThat(answer(CAPTIVE_PORTAL, challenge("a".repeat(63))).headers()).hasSize(1);
        assertThat(answer(CAPTIVE_PORTAL, challenge("a".repeat(64))).headers()).isEmpty();
    }

    @Test
    void theSmallListenerHasNothingElse() {
        for (var target : List.of("/", "/ping", "/relay", "/healthz", "/generate_204/")) {
            assertNotFound(CAPTIVE_PORTAL, get(target));
        }
        assertNotFound(CAPTIVE_PORTAL, request(HttpMethod.POST, "/generate_204"));
        assertThat(CAPTIVE_PORTAL.commonHeaders()).isEmpty();
        assertThat(CAPTIVE_PORTAL.keepAlive()).isFalse();
    }

    // ---- metrics -------------------------------------------------------------------------------------------------

    @Test
    void metricsAreOnTwoPathsAndNowhereElse() {
        var routes = new MetricsRoutes(List.of(new LoopCounters()), List::of, HEALTH);

        for (var target : List.of("/metrics", "/", "/metrics?x=y")) {
            var answer = answer(routes, get(target));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(text(answer)).contains("relayserver_accepts_total 0\n");
        }
        assertNotFound(routes, get("/other"));
        assertNotFound(routes, request(HttpMethod.POST, "/metrics"));
    }

    private static void assertNotFound(Routes routes, HttpRequest request) {
        var answer = answer(routes, request);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(text(answer)).isEqualTo("Not Found");
    }

    private static HttpAnswer answer(Routes routes, HttpRequest request) {
        return switch (routes.route(request)) {
            case Routes.Outcome.Answer answered -> answered.answer();
            case Routes.Outcome.Refuse refusal -> refusal.answer();
            case Routes.Outcome.Later later -> throw new AssertionError(later);
            case Routes.Outcome.Switch change -> throw new AssertionError(change);
        };
    }

    private static HttpRequest challenge(String challenge) {
        var request = get("/generate_204");
        request.headers().set("X-Iroh-Challenge", challenge);
        return request;
    }

    private static HttpRequest get(String target) {
        return request(HttpMethod.GET, target);
    }

    private static HttpRequest request(HttpMethod method, String target) {
        // Whatever comes over the wire is possible here.
        var unchecked = DefaultHttpHeadersFactory.headersFactory().withValidation(false);
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, unchecked);
    }

    private static String text(HttpAnswer answer) {
        return new String(answer.body(), UTF_8);
    }
}
