package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sends the clients of a relay away before it ends, and lets another relay take its place. */
@Conversation
@EveryTransport
class DrainConversationTest {
    private static final Duration SPREAD = Duration.ofMillis(300);

    private static Thread drain(RelayServer relay, Duration spread) {
        return Thread.ofVirtual().start(() -> {
            try {
                relay.drain(spread);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void eachClientIsToldWhenToComeBackAndIsClosedThen() throws Exception {
        try (var relay = RelayServer.builder().start()) {
            var clients = new ArrayList<ScriptedClient>();
            for (int i = 0; i < 20; i++) {
                var version = i % 2 == 0 ? ProtocolVersion.V1 : ProtocolVersion.V2;
                clients.add(ScriptedClient.admitted(relay, ScriptedClient.newKey(), version));
            }
            var draining = drain(relay, SPREAD);
            var delays = new ArrayList<Long>();
            for (var client : clients) {
                var restarting = (RelayFrame.Restarting) client.next();
                assertThat(restarting.tryForMillis()).isEqualTo(30_000);
                delays.add(restarting.reconnectInMillis());
                client.expectClosed(1001);
            }
            draining.join();

            // 5 ms for each of them, since that is less than what was granted.
            assertThat(delays).allMatch(delay -> delay < 100).hasSize(20);
            assertThat(List.copyOf(delays))
                    .as("not all at once")
                    .satisfies(all -> assertThat(all.stream().distinct()).hasSizeGreaterThan(3));
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void untilItsTimeComesAClientIsServed() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().start();
                var client = ScriptedClient.admitted(relay, key)) {
            var others = new ArrayList<ScriptedClient>();
            for (int i = 0; i < 400; i++) {
                others.add(ScriptedClient.admitted(relay, ScriptedClient.newKey()));
            }
            var draining = drain(relay, Duration.ofMinutes(1));
            assertThat(client.next()).isInstanceOf(RelayFrame.Restarting.class);
            client.sendDatagram(key.endpointId(), "still here");
            assertThat(client.next())
                    .isInstanceOfAny(RelayFrame.ReceivedDatagrams.class, RelayFrame.EndpointGone.class);
            draining.interrupt();
            draining.join();
            for (var other : others) {
                other.close();
            }
        }
    }

    @Test
    void nobodyNewIsAcceptedAndItIsNotReady() throws Exception {
        try (var relay = RelayServer.builder().metrics(Counters.ADDRESS).start()) {
            var metrics = relay.metricsAddress().orElseThrow();
            assertThat(readiness(metrics)).isEqualTo("200 ready");
            assertThat(readiness(relay.httpAddress())).isEqualTo("200 ready");
            assertThat(relay.whyNotReady()).isEmpty();

            relay.drain(Duration.ZERO);

            assertThat(Counters.of(relay).get("ready")).isZero();
            assertThat(readiness(metrics)).isEqualTo("503 draining");
            assertThat(relay.whyNotReady()).hasValue("draining");
            assertThatThrownBy(() -> ScriptedClient.connect(relay)).isInstanceOf(ConnectException.class);
        }
    }

    private static String readiness(InetSocketAddress address) throws IOException {
        try (var wire = Wire.plain(address)) {
            var reply = new ScriptedClient(wire)
                    .exchange("GET /readyz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
            return reply.statusLine().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()) + " "
                    + reply.body().strip();
        }
    }

    @Test
    void anotherRelayTakesThePortWhileThisOneStillHasIt() throws Exception {
        var key = ScriptedClient.newKey();
        try (var old = RelayServer.builder().reusePort(true).start();
                var held = ScriptedClient.admitted(old, key);
                var next = RelayServer.builder()
                        .reusePort(true)
                        .http(old.httpAddress())
                        .start()) {
            var draining = drain(old, SPREAD);
            assertThat(held.next()).isInstanceOf(RelayFrame.Restarting.class);
            held.expectClosed(1001);
            draining.join();

            for (int i = 0; i < 20; i++) {
                try (var client = ScriptedClient.admitted(next, ScriptedClient.newKey())) {
                    client.expectQuietAndAlive();
                }
            }
        }
    }

    @Test
    void withoutThatAPortCannotBeHadTwice() throws Exception {
        try (var relay = RelayServer.builder().start()) {
            var again = RelayServer.builder().http(relay.httpAddress());
            assertThatThrownBy(again::start).isInstanceOf(IOException.class).hasMessageContaining("in use");
        }
    }
}
