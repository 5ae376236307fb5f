package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Says nothing for long (iroh relay spec, section 4.7). The one test that takes time: half a minute. */
@Conversation
class PingConversationTest {
    /** What a busy machine may add. */
    private static final Duration SLACK = Duration.ofSeconds(4);

    private static final Duration FIRST_PONG_TIMEOUT = Duration.ofSeconds(5);

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static RelayFrame.Ping expectPing(ScriptedClient client, long quietSince) throws IOException {
        var frame = client.next();
        assertThat(frame).isInstanceOf(RelayFrame.Ping.class);
        assertThat(since(quietSince))
                .isBetween(Duration.ofSeconds(16), Duration.ofSeconds(20).plus(SLACK));
        return (RelayFrame.Ping) frame;
    }

    private static void expectEnd(ScriptedClient client, long pingedAt) throws IOException {
        assertThat(client.readToEnd()).isEmpty();
        assertThat(since(pingedAt)).isBetween(FIRST_PONG_TIMEOUT.minusMillis(100), FIRST_PONG_TIMEOUT.plus(SLACK));
    }

    @Test
    void aQuietClientIsPingedAndClosedUnlessItAnswersRightly() throws Exception {
        var access = RecordingAccess.direct(_ -> Decision.allow());
        // Before they are admitted, so that none is too early by it.
        long start = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = RelayServer.builder()
                        .access(access)
                        .metrics(Counters.ADDRESS)
                        .start();
                var answering = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var silent = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var mistaken = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var talking = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            for (var client : new ScriptedClient[] {answering, silent, mistaken, talking}) {
                client.leavePingsToTheTest();
            }

            var answered = threads.submit((Callable<Void>) () -> {
                var ping = expectPing(answering, start);
                answering.sendPong(ping.payload());
                answering.expectQuietAndAlive();
                return null;
            });
            var gaveUpSilent = threads.submit((Callable<Void>) () -> {
                expectPing(silent, start);
                expectEnd(silent, System.nanoTime());
                return null;
            });
            var gaveUpMistaken = threads.submit((Callable<Void>) () -> {
                var ping = expectPing(mistaken, start);
                long pingedAt = System.nanoTime();
                // Neither a wrong answer nor other traffic stands for the right one.
                mistaken.sendPong(ping.payload() + 1);
                mistaken.expectQuietAndAlive();
                expectEnd(mistaken, pingedAt);
                return null;
            });
            var putOff = threads.submit((Callable<Void>) () -> {
                // Text and WebSocket pings do not count, a frame of the relay protocol does.
                Await.until("six seconds have passed", () -> since(start).compareTo(Duration.ofSeconds(6)) > 0);
                long spokeAt = System.nanoTime();
                talking.expectQuietAndAlive();
                talking.sendFrame(WebSocketFrame.PONG, new byte[0]);
                expectPing(talking, spokeAt);
                return null;
            });

            answered.get();
            gaveUpSilent.get();
            gaveUpMistaken.get();
            putOff.get();
            answering.expectQuietAndAlive();
            var counters = Counters.of(relay);
            assertThat(counters.get("ping_timeouts")).isEqualTo(2);
            assertThat(counters.get("disconnects")).isEqualTo(2);
            assertThat(access.ended()).hasSize(2);
        }
    }

    /** All are answered, but no more than so many are read in a second: TCP has the client wait. */
    @Test
    void whoPingsTooOftenIsHeldBack() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().metrics(Counters.ADDRESS).start();
                var client = ScriptedClient.admitted(relay, key)) {
            int pings = 3000;
            long start = System.nanoTime();
            for (int i = 0; i < pings; i++) {
                client.sendPing(i);
            }
            client.sendDatagram(key.endpointId(), "behind them");
            int answered = 0;
            while (client.next() instanceof RelayFrame.Pong) {
                answered++;
            }
            assertThat(answered).isEqualTo(pings);
            assertThat(Counters.of(relay).get("pings_held_back")).isPositive();
            client.sendPing(1);
            assertThat(client.next()).isEqualTo(new RelayFrame.Pong(1));
            assertThat(since(start)).as("1000 at once, then 1000 a second").isGreaterThan(Duration.ofMillis(1900));
        }
    }
}
