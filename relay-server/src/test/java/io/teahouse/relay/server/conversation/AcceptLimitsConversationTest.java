package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Comes more often, or with more connections, than the relay takes. */
@Conversation
@EveryTransport
class AcceptLimitsConversationTest {
    private static RelayServer start(AcceptLimits limits) throws IOException {
        return RelayServer.builder()
                .metrics(Counters.ADDRESS)
                .acceptLimits(limits)
                .start();
    }

    private static void expectRefusal(RelayServer relay) {
        assertThatThrownBy(() -> {
                    try (var client = ScriptedClient.connect(relay)) {
                        client.exchange("GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n");
                    }
                })
                .isInstanceOfAny(IOException.class, AssertionError.class);
    }

    @Test
    void whoIsOneTooManyIsRefusedUntilAnotherLeaves() throws IOException {
        try (var relay = start(new AcceptLimits(0, 1, 2, Integer.MAX_VALUE));
                var first = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            try (var second = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                expectRefusal(relay);
                first.expectQuietAndAlive();
                second.expectQuietAndAlive();
            }
            assertThat(Counters.of(relay).get("connections_refused", "too_many"))
                    .isEqualTo(1);
            Await.until("the second has left", () -> relay.connectedEndpoints() == 1);
            Await.until("there is room", () -> isTaken(relay));
        }
    }

    @Test
    void anAddressHasItsOwnLimit() throws IOException {
        try (var relay = start(new AcceptLimits(0, 1, 100, 2));
                var first = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var second = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            expectRefusal(relay);
            assertThat(Counters.of(relay).get("connections_refused", "too_many_of_address"))
                    .isEqualTo(1);
            first.hangUp();
            Await.until("there is room", () -> isTaken(relay));
            second.expectQuietAndAlive();
        }
    }

    private static boolean isTaken(RelayServer relay) {
        try (var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            client.expectQuietAndAlive();
            return true;
        } catch (IOException | AssertionError _) {
            return false;
        }
    }

    @Test
    void overTheRateEverybodyIsAcceptedLater() throws IOException {
        try (var relay = start(new AcceptLimits(50, 5, Integer.MAX_VALUE, Integer.MAX_VALUE))) {
            long startNanos = System.nanoTime();
            var clients = new ArrayList<ScriptedClient>();
            for (int i = 0; i < 60; i++) {
                clients.add(ScriptedClient.connect(relay));
            }
            for (var client : clients) {
                client.beAdmitted(ScriptedClient.newKey(), io.teahouse.relay.protocol.ProtocolVersion.V2);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                    .as("60 of them, 5 at once, 50 a second, and 16 that one read of the kernel's queue may give")
                    .isGreaterThan(Duration.ofMillis(1000 * (60 - 5 - 16) / 50 - 20));
            assertThat(Counters.of(relay).get("accepts_delayed")).isPositive();
            for (var client : clients) {
                client.expectQuietAndAlive();
                client.hangUp();
            }
        }
    }
}
