package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks for every page there is, and for some that there are not (iroh relay server spec, section 2). */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpRoutesConversationTest {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final List<String> MAIN = List.of("content-security-policy", "date", "strict-transport-security");

    private final RelayServer plain;
    private final RelayServer tls;

    HttpRoutesConversationTest() throws IOException {
        plain = RelayServer.builder().metrics(FREE_PORT).start();
        tls = RelayServer.builder().tls(TestTls.server()).start();
    }

    @AfterAll
    void stop() {
        plain.close();
        tls.close();
    }

    private List<RelayServer> both() {
        return List.of(plain, tls);
    }

    private static HttpReply ask(Wire wire, String method, String target, String... headers) throws IOException {
        var lines = new StringBuilder();
        for (var header : headers) {
            lines.append(header).append("\r\n");
        }
        wire.write("%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n".formatted(method, target, lines));
        return HttpReply.read(wire, method);
    }

    /** Checks that an answer has these headers and no others, and those of the main listener as they should be. */
    private static void expectHeaders(HttpReply reply, String... others) {
        var expected = new ArrayList<>(MAIN);
        expected.addAll(List.of(others));
        expected.sort(null);
        assertThat(reply.headerNames()).isEqualTo(expected);
        assertThat(reply.header("strict-transport-security")).contains("max-age=63072000; includeSubDomains");
        assertThat(reply.header("content-security-policy"))
                .contains("default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'self'; "
                        + "block-all-mixed-content; plugin-types 'none'");
        var date = ZonedDateTime.parse(reply.header("date").orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME);
        assertThat(Duration.between(date.toInstant(), Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/?x=1", "/index.html?"})
    void theIndexPageNamesTheServer(String target) throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), "GET", target);

                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.header("content-type")).contains("text/html; charset=utf-8");
                assertThat(reply.body()).contains("iroh.computer");
                expectHeaders(reply, "content-type", "content-length");
            }
        }
    }

    @Test
    void thePingPageIsEmptyAndOpenToAllOrigins() throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), "GET", "/ping?when=now", "Origin: https://elsewhere.example");

                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.header("access-control-allow-origin")).contains("*");
                assertThat(reply.header("content-length")).contains("0");
                expectHeaders(reply, "access-control-allow-origin", "content-length");
            }
        }
    }

    @Test
    void robotsAreSentAway() throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), "GET", "/robots.txt");

                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.body())
                        .isEqualTo("User-agent: *\nDisallow: /\n")
                        .hasSize(26);
                expectHeaders(reply, "content-length");
            }
        }
    }

    @Test
    void theHealthPageSaysOkAndWhichVersion() throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), "GET", "/healthz");

                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.header("content-type")).contains("application/json");
                assertThat(reply.body())
                        .isEqualTo("{\"status\":\"ok\",\"version\":\"%s\",\"git_hash\":\"unknown\"}"
                                .formatted(RelayServer.version()));
                expectHeaders(reply, "content-type", "content-length");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nothing",
        "GET, //ping",
        "GET, /ping/",
        "GET, /Ping",
        "GET, /%70ing",
        "POST, /ping",
        "POST, /",
        "OPTIONS, /ping",
        "OPTIONS, *",
        "PUT, /healthz",
        "DELETE, /",
        "BREW, /ping",
        "HEAD, /relay",
        "GET, /metrics"
    })
    void everythingElseIsNotFound(String method, String target) throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), method, target);

                assertThat(reply.status()).isEqualTo(404);
                assertThat(reply.body()).isEqualTo(method.equals("HEAD") ? "" : "Not Found");
                assertThat(reply.header("content-length")).contains("9");
                expectHeaders(reply, "content-length");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/ping", "/robots.txt", "/healthz"})
    void headIsAnsweredLikeGetWithoutTheBody(String target) throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var got = ask(client.wire(), "GET", target);

                var reply = ask(client.wire(), "HEAD", target);

                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.headerNames()).isEqualTo(got.headerNames());
                assertThat(reply.header("content-length")).isEqualTo(got.header("content-length"));
                // Had there been a body, this answer would not begin where it does.
                assertThat(ask(client.wire(), "GET", "/ping").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void requestsOneBehindTheOtherAreAnsweredInOrder() throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var requests = List.of(
                        "GET /robots.txt HTTP/1.1\r\n\r\n",
                        "GET /none HTTP/1.1\r\n\r\n",
                        "POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde",
                        "HEAD / HTTP/1.1\r\n\r\n",
                        "GET /ping HTTP/1.1\r\n\r\n");

                client.wire().write(String.join("", requests));

                assertThat(HttpReply.read(client.wire(), "GET").body()).startsWith("User-agent");
                assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(404);
                assertThat(HttpReply.read(client.wire(), "POST").status()).isEqualTo(404);
                assertThat(HttpReply.read(client.wire(), "HEAD").status()).isEqualTo(200);
                assertThat(HttpReply.read(client.wire(), "GET").header("access-control-allow-origin"))
                        .contains("*");
            }
        }
    }

    @Test
    void aClientThatAsksForItIsClosedBehindItsAnswer() throws IOException {
        for (var relay : both()) {
            try (var client = ScriptedClient.connect(relay)) {
                var reply = ask(client.wire(), "GET", "/ping", "Connection: close");

                assertThat(reply.header("connection")).contains("close");
                assertThat(client.wire().readLine()).isEqualTo(Optional.empty());
            }
            try (var client = ScriptedClient.connect(relay)) {
                client.wire().write("GET /ping HTTP/1.0\r\n\r\n");

                assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(200);
                assertThat(client.wire().readLine()).isEqualTo(Optional.empty());
            }
        }
    }

    // ---- captive portal ------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"123az__.", "A-Z", "x", "0123456789012345678901234567890123456789012345678901234567890_2"})
    void theChallengeOfACaptivePortalProbeIsAnswered(String challenge) throws IOException {
        try (var client = ScriptedClient.connect(plain);
                var beside = Wire.plain(tls.httpAddress())) {
            var reply = ask(client.wire(), "GET", "/generate_204", "X-Iroh-Challenge: " + challenge);
            var replyBeside = ask(beside, "GET", "/generate_204", "X-Iroh-Challenge: " + challenge);

            assertThat(reply.status()).isEqualTo(204);
            assertThat(reply.header("x-iroh-response")).contains("response " + challenge);
            expectHeaders(reply, "x-iroh-response");
            assertThat(replyBeside.status()).isEqualTo(204);
            assertThat(replyBeside.header("x-iroh-response")).contains("response " + challenge);
            assertThat(replyBeside.headerNames()).containsExactly("connection", "date", "x-iroh-response");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a+b",
                "caf\u00e9",
                "x,y",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void aChallengeThatIsNoneIsNotAnswered(String challenge) throws IOException {
        try (var client = ScriptedClient.connect(plain);
                var beside = Wire.plain(tls.httpAddress())) {
            var reply = ask(client.wire(), "GET", "/generate_204", "X-Iroh-Challenge: " + challenge);
            var replyBeside = ask(beside, "GET", "/generate_204", "X-Iroh-Challenge: " + challenge);

            assertThat(reply.status()).isEqualTo(204);
            expectHeaders(reply);
            assertThat(replyBeside.status()).isEqualTo(204);
            assertThat(replyBeside.headerNames()).containsExactly("connection", "date");
        }
    }

    @Test
    void aProbeWithoutChallengeIs204() throws IOException {
        try (var client = ScriptedClient.connect(plain)) {
            var reply = ask(client.wire(), "GET", "/generate_204?x");

            assertThat(reply.status()).isEqualTo(204);
            expectHeaders(reply);
            assertThat(ask(client.wire(), "GET", "/ping").status()).isEqualTo(200);
        }
    }

    @Test
    void theTlsListenerHasNoCaptivePortalPage() throws IOException {
        try (var client = ScriptedClient.connect(tls)) {
            assertThat(ask(client.wire(), "GET", "/generate_204").status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource({"GET, /", "GET, /relay", "GET, /ping", "POST, /generate_204", "GET, /generate_204/"})
    void besideTlsPlainHttpHasNothingButTheProbe(String method, String target) throws IOException {
        try (var wire = Wire.plain(tls.httpAddress())) {
            var reply = ask(wire, method, target);

            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.body()).isEqualTo("Not Found");
            assertThat(reply.headerNames()).containsExactly("connection", "content-length", "date");
            assertThat(reply.header("connection")).contains("close");
            assertThat(wire.readLine()).isEqualTo(Optional.empty());
        }
    }

    @Test
    void besideTlsPlainHttpAnswersOneRequestAConnection() throws IOException {
        try (var wire = Wire.plain(tls.httpAddress())) {
            wire.write("GET /generate_204 HTTP/1.1\r\n\r\nGET /generate_204 HTTP/1.1\r\n\r\n");

            assertThat(HttpReply.read(wire, "GET").header("connection")).contains("close");
            assertThat(wire.readLine()).isEqualTo(Optional.empty());
        }
    }

    // ---- metrics -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/", "/metrics?name=x"})
    void metricsAreOnAListenerOfTheirOwn(String target) throws IOException {
        try (var wire = Wire.plain(plain.metricsAddress().orElseThrow())) {
            var reply = ask(wire, "GET", target);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("content-type").orElseThrow()).startsWith("text/plain;");
            assertThat(reply.headerNames()).containsExactly("content-length", "content-type", "date");
            assertThat(reply.body())
                    .contains("# HELP relayserver_accepts_total Number of times this server has accepted a connection.")
                    .contains("# TYPE relayserver_accepts_total counter")
                    .containsPattern("(?m)^relayserver_accepts_total [0-9.]+$");
        }
    }

    @Test
    void metricsAreInTheFormatThatIsAskedFor() throws IOException {
        try (var wire = Wire.plain(plain.metricsAddress().orElseThrow())) {
            var reply = ask(wire, "GET", "/metrics", "Accept: application/openmetrics-text; version=1.0.0");

            assertThat(reply.header("content-type").orElseThrow()).startsWith("application/openmetrics-text");
            assertThat(reply.body()).endsWith("# EOF\n");
        }
    }

    @Test
    void metricsMayBeAskedForByHeadAndOnOneConnection() throws IOException {
        try (var wire = Wire.plain(plain.metricsAddress().orElseThrow())) {
            for (int i = 0; i < 3; i++) {
                assertThat(ask(wire, "HEAD", "/metrics").status()).isEqualTo(200);
                assertThat(ask(wire, "GET", "/metrics").status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/readyz"})
    void healthIsOnBothListeners(String target) throws IOException {
        for (var address : List.of(plain.httpAddress(), plain.metricsAddress().orElseThrow())) {
            try (var wire = Wire.plain(address)) {
                assertThat(ask(wire, "GET", target).status()).isEqualTo(200);
                assertThat(ask(wire, "HEAD", target).status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GET, /relay", "GET, /ping", "GET, /favicon.ico", "POST, /metrics", "POST, /healthz"})
    void theMetricsListenerHasNothingElse(String method, String target) throws IOException {
        try (var wire = Wire.plain(plain.metricsAddress().orElseThrow())) {
            assertThat(ask(wire, method, target).status()).isEqualTo(404);
        }
    }
}
