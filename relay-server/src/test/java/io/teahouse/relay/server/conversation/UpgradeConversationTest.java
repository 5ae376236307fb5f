package io.teahouse.relay.server.conversation;

import static io.teahouse.relay.server.conversation.ScriptedClient.upgradeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opens relay connections by HTTP, rightly and wrongly (iroh relay spec, section 2.2). */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpgradeConversationTest {
    private static final String UPGRADE = "Upgrade: websocket\r\n";
    private static final String KEY = "Sec-WebSocket-Key: " + ScriptedClient.WEBSOCKET_KEY + "\r\n";
    private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
    private static final String PROTOCOL = "Sec-WebSocket-Protocol: iroh-relay-v2\r\n";

    private static final String HSTS = "max-age=63072000; includeSubDomains";
    private static final String CSP =
            "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'self'; "
                    + "block-all-mixed-content; plugin-types 'none'";

    private final RelayServer relay;

    UpgradeConversationTest() throws IOException {
        relay = RelayServer.builder().start();
    }

    @AfterAll
    void stop() {
        relay.close();
    }

    static Stream<Named<JsonObject>> vectors() {
        return RelayVectors.cases("upgrade").stream().map(one -> Named.of(RelayVectors.string(one, "change"), one));
    }

    /** Builds the request that a vector describes as a change of the usual one. */
    private static String requestFor(String change) {
        var usual = upgradeRequest(ProtocolVersion.V2);
        return switch (change) {
            case "none" -> usual;
            case "protocol iroh-relay-v1" -> offering("iroh-relay-v1");
            case "protocol 'iroh-relay-v1, iroh-relay-v2'" -> offering("iroh-relay-v1, iroh-relay-v2");
            case "protocol 'zzz,iroh-relay-v1,iroh-relay-v2'" -> offering("zzz,iroh-relay-v1,iroh-relay-v2");
            case "two protocol headers, v1 then v2" ->
                offering("iroh-relay-v1\r\nSec-WebSocket-Protocol: iroh-relay-v2");
            case "two protocol headers, zzz then v2" -> offering("zzz\r\nSec-WebSocket-Protocol: iroh-relay-v2");
            case "protocol header absent" -> without(usual, PROTOCOL);
            case "protocol iroh-relay-v9" -> offering("iroh-relay-v9");
            case "protocol header empty" -> offering("");
            case "protocol IROH-RELAY-V2" -> offering("IROH-RELAY-V2");
            case "protocol with byte e9" -> offering("iroh-relay-v2, \u00e9");
            case "Upgrade absent" -> without(usual, UPGRADE);
            case "Upgrade: WebSocket" -> usual.replace(UPGRADE, "Upgrade: WebSocket\r\n");
            case "Sec-WebSocket-Key absent" -> without(usual, KEY);
            case "Sec-WebSocket-Key: x" -> usual.replace(KEY, "Sec-WebSocket-Key: x\r\n");
            case "Sec-WebSocket-Version absent" -> without(usual, VERSION);
            case "Sec-WebSocket-Version: 8" -> usual.replace(VERSION, "Sec-WebSocket-Version: 8\r\n");
            case "Connection absent" -> without(usual, "Connection: Upgrade\r\n");
            case "Host absent" -> without(usual, "Host: localhost\r\n");
            case "Origin of another site, permessage-deflate offered" ->
                upgradeRequest(
                        ProtocolVersion.V2,
                        "Origin: https://elsewhere.example",
                        "Sec-WebSocket-Extensions: permessage-deflate");
            case "absolute-form target http://foo/relay" -> upgradeRequest("http://foo/relay", ProtocolVersion.V2);
            case "/relay?token=abc" -> upgradeRequest("/relay?token=abc", ProtocolVersion.V2);
            case "HTTP/1.0" -> usual.replace("HTTP/1.1", "HTTP/1.0");
            case "POST" -> usual.replace("GET ", "POST ");
            case "HEAD" -> usual.replace("GET ", "HEAD ");
            case "/relay/" -> upgradeRequest("/relay/", ProtocolVersion.V2);
            case "/derp" -> upgradeRequest("/derp", ProtocolVersion.V2);
            case "Content-Length: 3 and body abc" -> upgradeRequest(ProtocolVersion.V2, "Content-Length: 3") + "abc";
            case "WebSocket frame sent in the same segment as the request" ->
                usual + latin1(WebSocketFrame.masked(WebSocketFrame.PING, new byte[] {1, 2}));
            case "plain GET /relay" -> "GET /relay HTTP/1.1\r\nHost: localhost\r\n\r\n";
            default -> throw new AssertionError("a vector that this test does not know: " + change);
        };
    }

    private static String offering(String protocols) {
        return upgradeRequest(ProtocolVersion.V2)
                .replace(PROTOCOL, "Sec-WebSocket-Protocol: %s\r\n".formatted(protocols));
    }

    private static String without(String request, String line) {
        assertThat(request).contains(line);
        return request.replace(line, "");
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void answersAsTheReferenceDoesOrBetterWhereThatIsSaid(JsonObject one) throws IOException {
        var change = RelayVectors.string(one, "change");
        var ours = RelayVectors.optionalString(one, "ours").filter(text -> !text.startsWith("closed"));
        int status = ours.map(text -> Integer.parseInt(text.substring(0, 3)))
                .orElseGet(() -> one.get("status").getAsInt());
        try (var client = ScriptedClient.connect(relay)) {

            var reply = client.exchange(requestFor(change));

            assertThat(reply.status()).isEqualTo(status);
            if (status == 101) {
                var protocol = ours.filter(text -> text.contains("iroh-relay-v2"))
                        .map(_ -> "iroh-relay-v2")
                        .or(() -> RelayVectors.optionalString(one, "protocol"))
                        .orElse("iroh-relay-v2");
                assertThat(reply.header("sec-websocket-protocol")).contains(protocol);
                assertThat(client.nextMessage()).hasSize(17).startsWith(0);
            } else {
                if (ours.isEmpty()) {
                    RelayVectors.optionalString(one, "body")
                            .ifPresent(body -> assertThat(reply.body()).isEqualTo(body));
                }
                RelayVectors.optionalString(one, "extra_header")
                        .ifPresent(line -> assertThat(reply.header(line.split(": ", -1)[0]))
                                .contains(line.split(": ", -1)[1]));
            }
        }
    }

    @Test
    void theAnswerHasTheHeadersOfTheTableAndNoOthers() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {

            var reply = client.upgrade(ProtocolVersion.V2, "Sec-WebSocket-Extensions: permessage-deflate");

            assertThat(reply.headerNames())
                    .containsExactly(
                            "connection",
                            "content-security-policy",
                            "date",
                            "sec-websocket-accept",
                            "sec-websocket-protocol",
                            "strict-transport-security",
                            "upgrade");
            assertThat(reply.header("upgrade")).contains("websocket");
            assertThat(reply.header("connection")).contains("upgrade");
            assertThat(reply.header("sec-websocket-accept")).contains(ScriptedClient.WEBSOCKET_ACCEPT);
            assertThat(reply.header("strict-transport-security")).contains(HSTS);
            assertThat(reply.header("content-security-policy")).contains(CSP);
        }
    }

    @Test
    void faultsAreToldInTheOrderOfTheTable() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var request = "GET /relay HTTP/1.1\r\nSec-WebSocket-Version: 7\r\nUpgrade: h2c\r\n\r\n";

            assertThat(client.exchange(request).body())
                    .isEqualTo("invalid header value for upgrade: value must be websocket");
            assertThat(client.exchange(request.replace("h2c", "websocket")).body())
                    .isEqualTo("missing header: sec-websocket-key");
            assertThat(client.exchange("GET /relay HTTP/1.1\r\n" + UPGRADE + KEY + "Sec-WebSocket-Version: 7\r\n\r\n")
                            .body())
                    .startsWith("invalid header value for sec-websocket-version");
            assertThat(client.exchange("GET /relay HTTP/1.1\r\n" + UPGRADE + KEY + VERSION + "\r\n")
                            .body())
                    .isEqualTo("missing header: sec-websocket-protocol");
        }
    }

    @Test
    void aConnectionMayTryAgainAfterARefusal() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            for (int i = 0; i < 3; i++) {
                var reply = client.exchange(requestFor("Upgrade absent"));
                assertThat(reply.status()).isEqualTo(400);
                assertThat(reply.header("connection")).isEmpty();
                assertThat(reply.header("strict-transport-security")).contains(HSTS);
                assertThat(reply.header("content-security-policy")).contains(CSP);
            }

            client.beAdmitted(ScriptedClient.newKey(), ProtocolVersion.V2);

            client.expectQuietAndAlive();
        }
    }

    @Test
    void upgradeMayBeOneOfSeveralAndInAnyCase() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var request = upgradeRequest(ProtocolVersion.V1).replace(UPGRADE, "Upgrade: h2c, WEBSOCKET\r\n");

            assertThat(client.exchange(request).status()).isEqualTo(101);
        }
    }

    @Test
    void tabsAndSpacesBetweenProtocolsAreNoFault() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var reply = client.exchange(offering("\tzzz \t,\t iroh-relay-v1\t"));

            assertThat(reply.status()).isEqualTo(101);
            assertThat(reply.header("sec-websocket-protocol")).contains("iroh-relay-v1");
        }
    }

    @Test
    void aPathThatOnlyDecodesToTheRightOneIsNotFound() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            for (var target : new String[] {"/%72elay", "//relay", "/relay;x", "/RELAY", "/relay%3f"}) {
                var reply = client.exchange(upgradeRequest(target, ProtocolVersion.V2));

                assertThat(reply.status()).as(target).isEqualTo(404);
                assertThat(reply.body()).isEqualTo("Not Found");
            }
        }
    }

    @Test
    void anAbsoluteTargetWithoutPathIsTheIndexPage() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            assertThat(client.exchange("GET http://foo HTTP/1.1\r\n\r\n").body())
                    .contains("iroh.computer");
            assertThat(client.exchange("GET http://foo?a=/relay HTTP/1.1\r\n\r\n")
                            .body())
                    .contains("iroh.computer");
            assertThat(client.exchange(upgradeRequest("http://foo/relay?x=y", ProtocolVersion.V2))
                            .status())
                    .isEqualTo(101);
        }
    }

    @Test
    void framesBehindTheRequestAreHandledBehindTheAnswer() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var early = new ByteArrayOutputStream();
            early.writeBytes(upgradeRequest(ProtocolVersion.V2).getBytes(StandardCharsets.US_ASCII));
            early.writeBytes(WebSocketFrame.masked(WebSocketFrame.PING, new byte[] {7, 8, 9}));
            client.wire().write(early.toByteArray());

            assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(101);
            var challenge = client.nextMessage();
            assertThat(client.nextFrame()).hasToString("frame 10: 070809");
            client.sendBinary(ScriptedClient.authFor(ScriptedClient.newKey(), challenge));
            assertThat(client.nextMessage()).containsExactly(2);
        }
    }

    @Test
    void aBodyIsReadAndForgottenHoweverItIsSent() throws IOException {
        for (var headerAndBody :
                new String[] {"Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                }) {
            try (var client = ScriptedClient.connect(relay)) {
                var request = upgradeRequest(ProtocolVersion.V2);

                var reply = client.exchange(request.substring(0, request.length() - 2) + headerAndBody);

                assertThat(reply.status()).isEqualTo(101);
                client.answerChallenge(ScriptedClient.newKey());
                assertThat(client.nextMessage()).containsExactly(2);
                client.expectQuietAndAlive();
            }
        }
    }

    @Test
    void aRequestMayComeByteByByte() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            for (byte b : upgradeRequest(ProtocolVersion.V2).getBytes(StandardCharsets.US_ASCII)) {
                client.wire().write(new byte[] {b});
            }

            assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(101);
            client.answerChallenge(ScriptedClient.newKey());
            assertThat(client.nextMessage()).containsExactly(2);
        }
    }

    @Test
    void handshakeAndFramesMayComeByteByByteToo() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2);
            var auth = ScriptedClient.authFor(ScriptedClient.newKey(), client.nextMessage());
            var stream = new ByteArrayOutputStream();
            stream.writeBytes(WebSocketFrame.masked(WebSocketFrame.BINARY, auth));
            stream.writeBytes(
                    WebSocketFrame.masked(WebSocketFrame.BINARY, FrameCodec.encode(new RelayFrame.Ping(0x0102))));

            for (byte b : stream.toByteArray()) {
                client.wire().write(new byte[] {b});
            }

            assertThat(client.nextMessage()).containsExactly(2);
            client.expect(new RelayFrame.Pong(0x0102));
        }
    }

    @Test
    void http10IsToldThatItIsTooOld() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var reply = client.exchange(requestFor("HTTP/1.0"));

            assertThat(reply.status()).isEqualTo(400);
            assertThat(client.wire().readLine()).isEqualTo(Optional.empty());
        }
    }
}
