package io.teahouse.relay.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests may become relay connections (iroh relay spec, section 2.2). */
class UpgradeRulesTest {
    /** The example of RFC 6455, section 1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final HttpRequest request = request(HttpVersion.HTTP_1_1);

    private static HttpRequest request(HttpVersion version) {
        // Whatever comes over the wire is possible here.
        var unchecked = DefaultHttpHeadersFactory.headersFactory().withValidation(false);
        var request = new DefaultHttpRequest(version, HttpMethod.GET, "/relay", unchecked);
        request.headers()
                .set("Upgrade", "websocket")
                .set("Sec-WebSocket-Key", KEY)
                .set("Sec-WebSocket-Version", "13")
                .set("Sec-WebSocket-Protocol", "iroh-relay-v2, iroh-relay-v1");
        return request;
    }

    @Test
    void aGoodRequestIsSwitched() {
        assertThat(UpgradeRules.decide(request)).isEqualTo(new Routes.Outcome.Switch(ProtocolVersion.V2, ACCEPT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"WebSocket", "WEBSOCKET", "h2c, websocket", "websocket, h2c"})
    void whatRfc6455AllowsForUpgradeIsTaken(String value) {
        request.headers().set("Upgrade", value);

        assertThat(UpgradeRules.decide(request)).isInstanceOf(Routes.Outcome.Switch.class);
    }

    @Test
    void upgradeMayBeOnSeveralLinesAmongOthers() {
        request.headers().set("Upgrade", List.of("h2c", "TLS/1.0 ,\tWebSocket"));

        assertThat(UpgradeRules.decide(request)).isInstanceOf(Routes.Outcome.Switch.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"upgrade", "keep-alive, Upgrade", "Upgrade, keep-alive", "Upgrade,close", "TE"})
    void whatProxiesMakeOfConnectionDoesNotMatter(String connection) {
        request.headers().set("Connection", connection).add("Connection", "x-forwarded-for");

        assertThat(UpgradeRules.decide(request)).isInstanceOf(Routes.Outcome.Switch.class);
    }

    @Test
    void nothingElseOfTheRequestIsLookedAt() {
        request.headers()
                .set("Connection", "close")
                .set("Origin", "https://elsewhere.example")
                .set("Sec-WebSocket-Extensions", "permessage-deflate");

        assertThat(UpgradeRules.decide(request)).isInstanceOf(Routes.Outcome.Switch.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "not base64 at all!"})
    void anyKeyIsAKey(String key) {
        request.headers().set("Sec-WebSocket-Key", key);

        assertThat(UpgradeRules.decide(request)).isInstanceOf(Routes.Outcome.Switch.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iroh-relay-v1|V1",
                "iroh-relay-v2|V2",
                "iroh-relay-v1, iroh-relay-v2|V2",
                "iroh-relay-v1,iroh-relay-v2|V2",
                "derp,\tiroh-relay-v1 , chat|V1",
                "iroh-relay-v3, iroh-relay-v1|V1"
            })
    void theHighestKnownVersionWins(String offered, ProtocolVersion chosen) {
        request.headers().set("Sec-WebSocket-Protocol", offered);

        assertThat(UpgradeRules.decide(request)).isEqualTo(new Routes.Outcome.Switch(chosen, ACCEPT));
    }

    @Test
    void versionsMayBeOnSeveralLinesWithEmptyElements() {
        request.headers().set("Sec-WebSocket-Protocol", List.of("chat, ,", "", " iroh-relay-v2\t,", "iroh-relay-v1"));

        assertThat(UpgradeRules.decide(request)).isEqualTo(new Routes.Outcome.Switch(ProtocolVersion.V2, ACCEPT));
    }

    @Test
    void versionsMayBeOnSeveralLines() {
        request.headers().set("Sec-WebSocket-Protocol", List.of("chat", "iroh-relay-v1", "iroh-relay-v2"));

        assertThat(UpgradeRules.decide(request)).isEqualTo(new Routes.Outcome.Switch(ProtocolVersion.V2, ACCEPT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"})
    void aMissingHeaderIsNamed(String header) {
        request.headers().remove(header);

        assertRefused("missing header: " + header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "web", "websocket2", "h2c", "web socket"})
    void anotherUpgradeIsRefused(String value) {
        request.headers().set("Upgrade", value);

        assertRefused("invalid header value for upgrade: value must be websocket");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "14", "13, 8", "013", "13.0"})
    void anotherVersionOfWebSocketIsRefusedAndTheRightOneNamed(String version) {
        request.headers().set("Sec-WebSocket-Version", version);

        var answer = assertRefused(
                "invalid header value for sec-websocket-version: unsupported websocket version, only supporting 13");

        assertThat(answer.headers()).containsExactly(Map.entry("sec-websocket-version", "13"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"caf\u00e9", "iroh-relay-v2, \u0001", "iroh-relay-v2\u007f"})
    void protocolsThatAreNoTextAreRefused(String value) {
        request.headers().set("Sec-WebSocket-Protocol", value);

        assertRefused("invalid header value for sec-websocket-protocol: header value is not ascii");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "chat", "IROH-RELAY-V2", "iroh-relay-v", "iroh-relay-v2x", "iroh-relay-v1;iroh-relay-v2"})
    void protocolsOfWhichNoneIsKnownAreRefused(String value) {
        request.headers().set("Sec-WebSocket-Protocol", value);

        assertRefused("invalid header value for sec-websocket-protocol: unsupported relay version: we support "
                + "iroh-relay-v2, iroh-relay-v1 but you only provide " + value);
    }

    @Test
    void theChecksAreMadeInTheReferencesOrder() {
        request.headers().clear();
        assertRefused("missing header: upgrade");
        request.headers().set("Upgrade", "h2c");
        assertRefused("invalid header value for upgrade: value must be websocket");
        request.headers().set("Upgrade", "websocket");
        assertRefused("missing header: sec-websocket-key");
        request.headers().set("Sec-WebSocket-Key", KEY);
        assertRefused("missing header: sec-websocket-version");
        request.headers().set("Sec-WebSocket-Version", "12");
        assertRefused(
                "invalid header value for sec-websocket-version: unsupported websocket version, only supporting 13");
        request.headers().set("Sec-WebSocket-Version", "13");
        assertRefused("missing header: sec-websocket-protocol");
    }

    @Test
    void anOlderHttpCannotBeUpgraded() {
        var answer = ((Routes.Outcome.Refuse) UpgradeRules.decide(request(HttpVersion.HTTP_1_0))).answer();

        assertThat(answer.status()).isEqualTo(400);
    }

    private HttpAnswer assertRefused(String body) {
        var answer = ((Routes.Outcome.Refuse) UpgradeRules.decide(request)).answer();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(new String(answer.body(), UTF_8)).isEqualTo(body);
        return answer;
    }
}
