package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.HttpCallout;
import io.teahouse.relay.server.access.ScriptedService;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Relays that ask for a token, or a service, and clients that have what it takes or not (iroh relay spec, section 6). */
@Conversation
class AccessRulesConversationTest {
    private static final byte[] CONFIRMED = {2};
    private static final byte[] DENIED = Bytes.join(new byte[] {3, 14}, "not authorized".getBytes(UTF_8));
    private static final Duration LONG = Duration.ofMinutes(10);

    private static byte[] tell(RelayServer relay, SecretKey key, String target, String... headers) throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            var reply = client.exchange(ScriptedClient.upgradeRequest(target, ProtocolVersion.V2, headers));
            assertThat(reply.status()).isEqualTo(101);
            client.answerChallenge(key);
            return client.nextMessage();
        }
    }

    private static byte[] tell(RelayServer relay, SecretKey key) throws IOException {
        return tell(relay, key, "/relay");
    }

    @Test
    void aSharedTokenLetsInWhereverItIsShown() throws IOException {
        var key = ScriptedClient.newKey();
        var access = AccessControl.sharedTokens(List.of("other", "open sesame"));
        try (var relay = RelayServer.builder().access(access).start()) {
            assertThat(tell(relay, key, "/relay", "Authorization: Bearer open sesame"))
                    .isEqualTo(CONFIRMED);
            assertThat(tell(relay, key, "/relay?token=open+sesame")).isEqualTo(CONFIRMED);

            assertThat(tell(relay, key, "/relay")).isEqualTo(DENIED);
            assertThat(tell(relay, key, "/relay?token=open+sesam")).isEqualTo(DENIED);
            assertThat(tell(relay, key, "/relay?token=other", "Authorization: Bearer another"))
                    .isEqualTo(DENIED);
        }
    }

    @Test
    void aServiceDecidesByTheIdThatWasProved() throws IOException {
        var welcome = ScriptedClient.newKey();
        try (var service = ScriptedService.start(request -> ScriptedService.answer(
                        200,
                        request.contains("x-iroh-endpoint-id: " + welcome.endpointId() + "\r\n") ? "true" : "false"));
                var relay = RelayServer.builder()
                        .access(AccessControl.callout(HttpCallout.of(service.url("/"))))
                        .start()) {
            assertThat(tell(relay, welcome)).isEqualTo(CONFIRMED);
            assertThat(tell(relay, ScriptedClient.newKey())).isEqualTo(DENIED);
            assertThat(tell(relay, welcome)).isEqualTo(CONFIRMED);
            assertThat(service.requests()).hasSize(3);
        }
    }

    @Test
    void aServiceThatHangsKeepsNoClientLongerThanItsAdmissionMayTake() throws IOException {
        var never = new CountDownLatch(1);
        try (var service = ScriptedService.start(_ -> {
                    never.await();
                    return "";
                });
                var relay = RelayServer.builder()
                        .access(AccessControl.callout(HttpCallout.of(service.url("/"))))
                        .timeouts(new Timeouts(Duration.ofMillis(300), LONG, LONG, LONG))
                        .start();
                var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2);
            client.answerChallenge(ScriptedClient.newKey());
            client.expectClosed(1008);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aServiceThatHangsDoesNotKeepTheRelayFromClosing() throws IOException {
        var never = new CountDownLatch(1);
        try (var service = ScriptedService.start(_ -> {
            never.await();
            return "";
        })) {
            var relay = RelayServer.builder()
                    .access(AccessControl.callout(HttpCallout.of(service.url("/"))))
                    .start();
            try (relay;
                    var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                client.answerChallenge(ScriptedClient.newKey());
                Await.until("the service is asked", () -> !service.requests().isEmpty());
            }
        } finally {
            never.countDown();
        }
    }
}
