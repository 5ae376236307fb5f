package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRules;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Makes each number move that the metrics show, by what it is said to count, and by nothing else. */
@Conversation
class MetricsConversationTest {
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofSeconds(2));

    private static RelayServerConfig.Builder builder() {
        return RelayServer.builder().metrics(Counters.ADDRESS);
    }

    /** Waits until a figure has a value: what a client sees may come before it is counted. */
    private static void until(RelayServer relay, String name, long value) throws IOException {
        Await.until(name + " is " + value, () -> Counters.of(relay).get(name) == value);
    }

    private static void until(RelayServer relay, String name, String label, long value) throws IOException {
        Await.until(
                "%s of %s is %d".formatted(name, label, value),
                () -> Counters.of(relay).get(name, label) == value);
    }

    @Test
    void datagramsAndTheirBytesAreCountedOnBothSides() throws Exception {
        var a = ScriptedClient.newKey();
        var b = ScriptedClient.newKey();
        try (var relay = builder().start();
                var sender = ScriptedClient.admitted(relay, a);
                var receiver = ScriptedClient.admitted(relay, b)) {
            for (int i = 0; i < 5; i++) {
                sender.sendDatagram(b.endpointId(), new byte[100]);
                receiver.nextDatagram(a.endpointId());
            }
            sender.sendDatagram(ScriptedClient.newKey().endpointId(), new byte[10]);
            var frame = ScriptedClient.datagram(b.endpointId(), new byte[1]);
            sender.sendBinary(Arrays.copyOf(frame, frame.length - 1));
            sender.expectQuietAndAlive();

            until(relay, "forwarding_seconds_count", 5);
            var counters = Counters.of(relay);
            assertThat(counters.get("send_packets_recv")).isEqualTo(7);
            assertThat(counters.get("bytes_recv")).isEqualTo(510);
            assertThat(counters.get("send_packets_sent")).isEqualTo(5);
            assertThat(counters.get("bytes_sent")).isEqualTo(500);
            assertThat(counters.get("send_packets_dropped")).isEqualTo(2);
            assertThat(counters.get("datagrams_dropped", "not_connected")).isEqualTo(1);
            assertThat(counters.get("datagrams_dropped", "empty")).isEqualTo(1);
            assertThat(counters.sum("datagrams_dropped")).isEqualTo(2);
            assertThat(counters.get("forwarding_seconds_bucket", "+Inf")).isEqualTo(5);
            assertThat(counters.get("queue_residence_seconds_count")).isZero();
        }
    }

    @Test
    void framesThatAreNoDatagramsAreCounted() throws Exception {
        try (var relay = builder().start();
                var client = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var unknown = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            client.sendPing(1);
            client.expect(new RelayFrame.Pong(1));
            client.sendPong(2);
            client.sendPing(3);
            client.expect(new RelayFrame.Pong(3));
            unknown.sendBinary(new byte[] {63, 1, 2, 3});
            unknown.expectClosed(1002);

            var counters = Counters.of(relay);
            assertThat(counters.get("got_ping")).isEqualTo(2);
            assertThat(counters.get("sent_pong")).isEqualTo(2);
            assertThat(counters.get("other_packets_recv")).isEqualTo(3);
            assertThat(counters.get("other_packets_sent")).isEqualTo(2);
            assertThat(counters.get("unknown_frames")).isEqualTo(1);
            assertThat(counters.get("protocol_errors")).isEqualTo(1);
        }
    }

    @Test
    void clientsAreCountedWhileTheyAreThereAndTheirKeysOnce() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = builder().start()) {
            try (var _ = ScriptedClient.admitted(relay, key, ProtocolVersion.V1);
                    var _ = ScriptedClient.admitted(relay, key);
                    var _ = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                until(relay, "clients_inactive", 1);
                var counters = Counters.of(relay);
                assertThat(counters.get("accepts")).isEqualTo(3);
                assertThat(counters.get("unique_client_keys")).isEqualTo(2);
                assertThat(counters.get("clients")).isEqualTo(2);
                assertThat(counters.get("client_connections", "1")).isEqualTo(1);
                assertThat(counters.get("client_connections", "2")).isEqualTo(2);
                assertThat(counters.get("clients_inactive_added")).isEqualTo(1);
                assertThat(counters.get("disconnects")).isZero();
            }
            until(relay, "disconnects", 3);
            until(relay, "http_connections_closed", 3);
            var counters = Counters.of(relay);
            assertThat(counters.get("clients")).isZero();
            assertThat(counters.sum("client_connections")).isZero();
            assertThat(counters.get("clients_inactive")).isZero();
            assertThat(counters.get("clients_inactive_removed")).isEqualTo(1);
            assertThat(counters.get("unique_client_keys")).isEqualTo(2);
            assertThat(counters.sum("handshakes_failed")).isZero();
        }
    }

    @Test
    void whoIsHeldBackIsCountedWithItsBytes() throws Exception {
        try (var relay = builder()
                        .clientReceiveLimit(new ReceiveLimit(5000, 500))
                        .start();
                var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            client.sendDatagram(ScriptedClient.newKey().endpointId(), new byte[2000]);
            client.expect(new RelayFrame.Status(RelayFrame.Status.RATE_LIMITED));

            var counters = Counters.of(relay);
            assertThat(counters.get("conns_rx_ratelimited")).isEqualTo(1);
            assertThat(counters.get("bytes_rx_ratelimited")).isGreaterThanOrEqualTo(500);
        }
    }

    /** At the reference an upgraded connection counts as closed at once. */
    @Test
    void aConnectionIsOpenUntilItIsClosedWhateverItCarries() throws Exception {
        try (var relay = builder().start()) {
            try (var _ = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                try (var page = ScriptedClient.connect(relay)) {
                    page.exchange("GET /ping HTTP/1.1\r\n\r\n");
                    assertThat(Counters.of(relay).get("http_connections")).isEqualTo(2);
                    assertThat(Counters.of(relay).get("http_connections_closed"))
                            .isZero();
                }
                until(relay, "http_connections_closed", 1);
            }
            until(relay, "http_connections_closed", 2);
            assertThat(Counters.of(relay).get("http_connections_errored")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoJustGoesIsNoError(boolean tls) throws Exception {
        var config = builder();
        if (tls) {
            config.tls(TestTls.server());
        }
        try (var relay = config.start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.exchange("GET /ping HTTP/1.1\r\n\r\n");
                client.wire().reset();
            }
            ScriptedClient.connect(relay).close();
            until(relay, "http_connections_closed", 2);
            assertThat(Counters.of(relay).get("http_connections_errored")).isZero();
            assertThat(Counters.of(relay).sum("handshakes_failed")).isZero();
        }
    }

    // ---- handshakes that fail ------------------------------------------------------------------------------------

    private static void assertFailed(RelayServer relay, String cause, long errored) throws IOException {
        until(relay, "handshakes_failed", cause, 1);
        until(relay, "http_connections_closed", 1);
        var counters = Counters.of(relay);
        assertThat(counters.sum("handshakes_failed")).isEqualTo(1);
        assertThat(counters.get("http_connections_errored")).isEqualTo(errored);
        assertThat(counters.get("accepts")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /relay HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"})
    void plainTextOnTlsIsAFailureOfTls(String text) throws Exception {
        try (var relay = builder().tls(TestTls.server()).start()) {
            try (var wire = Wire.plain(relay.httpsAddress().orElseThrow())) {
                wire.write(text);
                wire.skipToEnd();
            }
            assertFailed(relay, "tls", 1);
        }
    }

    @Test
    void whatIsNoRequestIsAFailureOfHttp() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.exchange("GET NONSENSE\r\n\r\n");
            }
            assertFailed(relay, "http", 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /relay HT"})
    void whoIsSlowWithTheRequestMissesTheDeadline(String begun) throws Exception {
        try (var relay = builder().timeouts(SHORT).start()) {
            try (var wire = Wire.plain(relay.httpAddress())) {
                wire.write(begun);
                wire.skipToEnd();
            }
            assertFailed(relay, "deadline", 1);
        }
    }

    /** It has had its answer: that it is closed is nobody's failure, though the reference counts it as an error. */
    @Test
    void aConnectionThatIsIdleAfterAnAnswerIsNoFailedHandshake() throws Exception {
        try (var relay = builder().timeouts(SHORT).start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.exchange("GET /ping HTTP/1.1\r\n\r\n");
                client.wire().skipToEnd();
            }
            until(relay, "http_connections_closed", 1);
            assertThat(Counters.of(relay).get("http_connections_errored")).isEqualTo(1);
            assertThat(Counters.of(relay).sum("handshakes_failed")).isZero();
        }
    }

    @Test
    void whoDoesNotAnswerTheChallengeMissesTheDeadline() throws Exception {
        try (var relay = builder().timeouts(SHORT).start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                client.nextMessage();
                client.expectClosed(1008);
            }
            assertFailed(relay, "deadline", 0);
        }
    }

    @Test
    void aRequestWithoutWebSocketIsAFailureOfWebSocket() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.exchange("GET /relay HTTP/1.1\r\n\r\n");
            }
            assertFailed(relay, "websocket", 0);
        }
    }

    @Test
    void aWrongWebSocketFrameIsAFailureOfWebSocket() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                client.nextMessage();
                client.wire().write(WebSocketFrame.unmasked(WebSocketFrame.BINARY, new byte[1]));
                client.expectClosed(1002);
            }
            assertFailed(relay, "websocket", 0);
        }
    }

    @Test
    void anUnknownProtocolIsAFailureOfTheVersion() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                var request = ScriptedClient.upgradeRequest(ProtocolVersion.V2).replace("relay-v2", "relay-v9");
                assertThat(client.exchange(request).status()).isEqualTo(400);
            }
            assertFailed(relay, "version", 0);
        }
    }

    @Test
    void aWrongSignatureIsABadProof() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                var answer = ScriptedClient.authFor(ScriptedClient.newKey(), client.nextMessage());
                answer[answer.length - 1] ^= 1;
                client.sendBinary(answer);
                client.readToEnd();
            }
            assertFailed(relay, "bad_auth", 0);
        }
    }

    @Test
    void anythingElseThanAProofBreaksTheProtocol() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                client.nextMessage();
                client.sendPing(1);
                client.expectClosed(1002);
            }
            assertFailed(relay, "protocol", 0);
        }
    }

    @Test
    void whoGoesBeforeTheProofHasClosed() throws Exception {
        try (var relay = builder().start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                client.nextMessage();
            }
            assertFailed(relay, "closed", 0);
        }
    }

    // ---- access --------------------------------------------------------------------------------------------------

    private static void assertDenied(AccessControl rule, String reason, String... headers) throws Exception {
        try (var relay = builder().access(rule).start()) {
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2, headers);
                client.answerChallenge(ScriptedClient.newKey());
                assertThat(new String(client.nextMessage(), UTF_8)).endsWith("not authorized");
                client.expectClosed(1008);
            }
            until(relay, "access_denied", reason, 1);
            assertThat(Counters.of(relay).sum("access_denied")).isEqualTo(1);
            assertFailed(relay, "denied", 0);
        }
    }

    @Test
    void eachDenialIsCountedByItsReason() throws Exception {
        var stranger = ScriptedClient.newKey().endpointId();
        assertDenied(AccessControl.allowlist(Set.of(stranger)), "not_listed");
        assertDenied(AccessControl.sharedTokens(List.of("right")), "no_token");
        assertDenied(AccessControl.sharedTokens(List.of("right")), "wrong_token", "Authorization: Bearer wrong");
        var tokens = new TokenAccess(new TokenRules(Set.of(stranger), 30), true, InstantSource.system());
        assertDenied(tokens, "no_token");
        assertDenied(tokens, "malformed", "Authorization: Bearer wrong");
        assertDenied(_ -> Decision.deny(), "other");
        assertDenied(
                _ -> {
                    throw new IllegalStateException("on purpose");
                },
                "rule_failed");
    }

    @Test
    void whereNoTokenIsRequiredThoseWithoutAGoodOneAreCounted() throws Exception {
        var issuer = ScriptedClient.newKey().endpointId();
        var tokens = new TokenAccess(new TokenRules(Set.of(issuer), 30), false, InstantSource.system());
        try (var relay = builder().access(tokens).start();
                var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            var counters = Counters.of(relay);

            assertThat(counters.get("access_tolerated", "no_token")).isEqualTo(1);
            assertThat(counters.get("access_tolerated", "malformed")).isZero();
            assertThat(counters.get("access_denied", "no_token")).isZero();
            client.expectQuietAndAlive();
        }
    }

    // ---- what there is besides -----------------------------------------------------------------------------------

    @Test
    void theRelayTellsOfItselfAndItsProcess() throws Exception {
        long before = Instant.now().getEpochSecond();
        try (var relay = builder().tls(TestTls.server()).eventLoops(2).start()) {
            var counters = Counters.of(relay);

            assertThat(counters.get("ready")).isEqualTo(1);
            assertThat(counters.get("event_loops", "forwarding")).isEqualTo(2);
            assertThat(counters.get("event_loops", "handshake")).isPositive();
            assertThat(counters.get("start_time_seconds")).isBetween(before, before + 60);
            assertThat(counters.get("build_info", RelayServer.version())).isEqualTo(1);
            assertThat(counters.get("tls_certificate_not_after_seconds")).isGreaterThan(before);
            assertThat(counters.get("tls_certificate_reloads")).isZero();
            assertThat(counters.get("process_heap_bytes")).isPositive();
            assertThat(counters.get("process_cpu_seconds")).isNotNegative();
            assertThat(counters.get("queued_bytes")).isZero();
            assertThat(counters.sum("config_reloads")).isZero();

            relay.countReload(true);
            relay.countReload(false);
            relay.countReload(false);
            assertThat(Counters.of(relay).get("config_reloads", "applied")).isEqualTo(1);
            assertThat(Counters.of(relay).get("config_reloads", "failed")).isEqualTo(2);
        }
    }
}
