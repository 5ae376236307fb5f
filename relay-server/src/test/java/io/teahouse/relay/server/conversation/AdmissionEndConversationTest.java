package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.ConnectRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ends connections that access control had let in, by themselves, by order and under rules that change, and sees that it is
 * told (iroh relay spec, section 10).
 */
@Conversation
@EveryTransport
class AdmissionEndConversationTest {
    private static final SecretKey KEY = ScriptedClient.newKey();
    private static final Duration LONG = Duration.ofMinutes(10);

    private static RelayServer start(AccessControl access) throws IOException {
        return RelayServer.builder()
                .access(access)
                .metrics(Counters.ADDRESS)
                .timeouts(new Timeouts(LONG, LONG, LONG, LONG))
                .start();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client closes",
                "client resets",
                "client closes its half",
                "client sends a close frame",
                "client breaks the protocol",
                "client breaks the protocol of WebSocket",
                "relay disconnects the connection",
                "relay disconnects the endpoint",
                "relay closes"
            })
    void accessControlHearsOnceThatAConnectionHasEndedWhateverEndedIt(String how) throws IOException {
        var access = RecordingAccess.direct(_ -> Decision.allow());
        var key = ScriptedClient.newKey();
        RecordingAccess.Ended expected;
        try (var relay = start(access);
                var client = ScriptedClient.admitted(relay, key)) {
            long connectionId = access.asked().getFirst().connectionId();
            expected = new RecordingAccess.Ended(key.endpointId(), connectionId);

            switch (how) {
                case "client closes" -> client.hangUp();
                case "client resets" -> client.wire().reset();
                case "client closes its half" -> client.wire().closeOutput();
                case "client sends a close frame" -> client.sendFrame(WebSocketFrame.CLOSE, new byte[0]);
                case "client breaks the protocol" -> client.sendBinary(new byte[] {2});
                case "client breaks the protocol of WebSocket" ->
                    client.wire().write(WebSocketFrame.unmasked(WebSocketFrame.BINARY, new byte[] {2}));
                case "relay disconnects the connection" ->
                    assertThat(relay.disconnect(key.endpointId(), Optional.of(connectionId)))
                            .isTrue();
                case "relay disconnects the endpoint" ->
                    assertThat(relay.disconnect(key.endpointId(), Optional.empty()))
                            .isTrue();
                case "relay closes" -> stop(relay);
                default -> throw new AssertionError(how);
            }

            Await.until("access control is told", () -> !access.ended().isEmpty());
            Await.until("the endpoint is gone", () -> relay.connectedEndpoints() == 0);
        }
        // Nothing more after the relay has closed.
        assertThat(access.ended()).containsExactly(expected);
    }

    private static void stop(RelayServer relay) {
        relay.close();
    }

    @Test
    void anAccessControlThatFailsWhenToldOfAnEndHarmsNobody() throws IOException {
        var access = new AccessControl() {
            @Override
            public Decision onConnect(ConnectRequest request) {
                return Decision.allow();
            }

            @Override
            public void onDisconnect(EndpointId endpointId, long connectionId) {
                throw new AssertionError("thrown by a test");
            }
        };
        var leaving = ScriptedClient.newKey();
        var staying = ScriptedClient.newKey();
        try (var relay = start(access);
                var witness = ScriptedClient.admitted(relay, staying)) {
            try (var client = ScriptedClient.admitted(relay, leaving)) {
                client.sendDatagram(staying.endpointId(), "so that you hear when I go");
                witness.expectDatagram(leaving.endpointId(), "so that you hear when I go");
            }

            witness.expect(new RelayFrame.EndpointGone(leaving.endpointId()));
            witness.expectQuietAndAlive();
            Await.until("it is counted", () -> Counters.of(relay).get("disconnects") == 1);
        }
    }

    @Test
    void disconnectEndsTheConnectionsThatAreMeantAndNoOthers() throws IOException {
        var access = RecordingAccess.direct(_ -> Decision.allow());
        var key = ScriptedClient.newKey();
        var otherKey = ScriptedClient.newKey();
        try (var relay = start(access);
                var first = ScriptedClient.admitted(relay, key);
                var second = ScriptedClient.admitted(relay, key);
                var third = ScriptedClient.admitted(relay, key);
                var other = ScriptedClient.admitted(relay, otherKey)) {
            first.expect(new RelayFrame.Status(1));
            second.expect(new RelayFrame.Status(1));
            long firstId = access.asked().getFirst().connectionId();

            assertThat(relay.disconnect(ScriptedClient.newKey().endpointId(), Optional.empty()))
                    .isFalse();
            assertThat(relay.disconnect(key.endpointId(), Optional.of(-1L))).isFalse();
            assertThat(relay.disconnect(otherKey.endpointId(), Optional.of(firstId)))
                    .isFalse();

            assertThat(relay.disconnect(key.endpointId(), Optional.of(firstId))).isTrue();
            first.expectClosed(1008);
            second.expectQuietAndAlive();
            third.expectQuietAndAlive();

            assertThat(relay.disconnect(key.endpointId(), Optional.empty())).isTrue();
            for (var client : new ScriptedClient[] {second, third}) {
                var frames = client.readToEnd();
                assertThat(frames.getLast().isClose()).isTrue();
                assertThat(frames.getLast().closeCode()).isEqualTo(1008);
            }
            Await.until("they are gone", () -> relay.connectedEndpoints() == 1);
            assertThat(relay.disconnect(key.endpointId(), Optional.empty())).isFalse();
            other.expectQuietAndAlive();
        }
    }

    @Test
    void whoMayNotStayUnderNewRulesIsClosedAndTheOldRulesHearOfIt() throws IOException {
        var before = RecordingAccess.direct(_ -> Decision.allow());
        try (var relay = start(before);
                var stays = ScriptedClient.admitted(relay, KEY);
                var goes = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            relay.setAccess(AccessControl.allowlist(Set.of(KEY.endpointId())));

            goes.expectClosed(1008);
            stays.expectQuietAndAlive();
            Await.until("the end is told", () -> before.ended().size() == 1);
            try (var late = ScriptedClient.connect(relay)) {
                late.upgrade(ProtocolVersion.V2);
                late.answerChallenge(ScriptedClient.newKey());
                byte[] words = "not authorized".getBytes(UTF_8);
                assertThat(late.nextMessage()).isEqualTo(Bytes.join(new byte[] {3, (byte) words.length}, words));
                assertThat(late.readToEnd()).hasSize(1);
            }
            relay.setAccess(AccessControl.everyone());
            try (var late = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                late.expectQuietAndAlive();
            }
            assertThat(before.ended()).hasSize(1);
        }
        assertThat(before.ended()).hasSize(2);
    }
}
