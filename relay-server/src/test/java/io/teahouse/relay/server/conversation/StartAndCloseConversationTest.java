package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts and closes relays, with clients in every state (iroh relay spec, section 4.9). */
@Conversation
@EveryTransport
@ParameterizedClass(name = "{0} loops, TLS: {1}")
@CsvSource({"1, false", "2, false", "1, true"})
class StartAndCloseConversationTest {
    private final int loops;
    private final boolean tls;

    StartAndCloseConversationTest(int loops, boolean tls) {
        this.loops = loops;
        this.tls = tls;
    }

    private RelayServerConfig.Builder relay() {
        var builder = RelayServer.builder().eventLoops(loops);
        return tls ? builder.tls(TestTls.server()) : builder;
    }

    private static InetSocketAddress mainAddress(RelayServer relay) {
        return relay.httpsAddress().orElse(relay.httpAddress());
    }

    @Test
    void everyClientIsToldThatTheRelayGoesDownAndSeesTheEnd() throws IOException {
        var relay = relay().start();
        try (var first = ScriptedClient.admitted(relay, ScriptedClient.newKey(), ProtocolVersion.V1);
                var second = ScriptedClient.admitted(relay, ScriptedClient.newKey(), ProtocolVersion.V2);
                var third = ScriptedClient.admitted(relay, ScriptedClient.newKey(), ProtocolVersion.V2)) {

            relay.close();

            first.expectClosed(1001);
            second.expectClosed(1001);
            third.expectClosed(1001);
        } finally {
            relay.close();
        }
    }

    @Test
    void whateverIsOpenBesidesIsClosedAtOnce() throws IOException {
        var relay = relay().metrics(Counters.ADDRESS).start();
        try (var silent = ScriptedClient.connect(relay);
                var keptAlive = ScriptedClient.connect(relay);
                var midRequest = ScriptedClient.connect(relay);
                var unproved = ScriptedClient.connect(relay);
                var metrics = Wire.plain(relay.metricsAddress().orElseThrow())) {
            assertThat(keptAlive.exchange("GET /ping HTTP/1.1\r\n\r\n").status())
                    .isEqualTo(200);
            midRequest.wire().write("GET /ping HTTP/1.1\r\nHost: ");
            unproved.upgrade(ProtocolVersion.V2);
            assertThat(unproved.nextMessage()).hasSize(17);
            // All of the above has been seen by then.
            assertThat(keptAlive.exchange("GET /ping HTTP/1.1\r\n\r\n").status())
                    .isEqualTo(200);
            long start = System.nanoTime();

            relay.close();

            unproved.expectClosed(1001);
            assertThat(keptAlive.wire().readLine()).isEqualTo(Optional.empty());
            assertThat(silent.wire().readLine()).isEqualTo(Optional.empty());
            assertThat(midRequest.wire().readLine()).isEqualTo(Optional.empty());
            assertThat(metrics.readLine()).isEqualTo(Optional.empty());
            // It waits a second for those who were told to close too; nobody did, and nothing else was waited for.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2900));
        } finally {
            relay.close();
        }
    }

    @Test
    void aClientThatTakesNothingDoesNotHoldUpTheEnd() throws IOException {
        var stuckKey = ScriptedClient.newKey();
        var senderKey = ScriptedClient.newKey();
        var relay = relay().start();
        try (var stuck = SlowReceiverConversationTest.stuck(relay, stuckKey);
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            for (int n = 0; n < 200; n++) {
                sender.sendDatagram(stuckKey.endpointId(), Bytes.numbered(n, 60_000));
            }
            sender.expectQuietAndAlive();
            long start = System.nanoTime();

            relay.close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            sender.expectClosed(1001);
            assertThat(stuck.nextDatagram(senderKey.endpointId())).isEqualTo(Bytes.numbered(0, 60_000));
        } finally {
            relay.close();
        }
    }

    @Test
    void aClientWhoseHalfIsClosedAlreadyIsNoHindrance() throws IOException {
        var relay = relay().start();
        try (var halfClosed = ScriptedClient.connect(relay);
                var other = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            halfClosed.upgrade(ProtocolVersion.V2);
            halfClosed.wire().closeOutput();

            relay.close();

            other.expectClosed(1001);
        } finally {
            relay.close();
        }
    }

    @Test
    void nobodyIsAcceptedAnyMoreAndThePortIsFreeAtOnce() throws IOException {
        var relay = relay().start();
        var address = mainAddress(relay);
        try (var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            client.expectQuietAndAlive();
            relay.close();

            assertThatThrownBy(() -> Wire.plain(address)).isInstanceOf(ConnectException.class);

            // The old connection is not even closed on this side.
            try (var again = RelayServer.builder().http(address).start();
                    var newClient = ScriptedClient.admitted(again, ScriptedClient.newKey())) {
                assertThat(again.httpAddress()).isEqualTo(address);
                newClient.expectQuietAndAlive();
            }
        } finally {
            relay.close();
        }
    }

    @Test
    void closingTwiceIsClosingOnceAlsoFromManyThreads() throws Exception {
        var relay = relay().start();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            var waiting = threads.submit((Callable<Void>) () -> {
                relay.awaitClosed();
                return null;
            });
            var closing = threads.submit(relay::close);
            relay.close();
            closing.get();
            relay.close();

            client.expectClosed(1001);
            waiting.get(Wire.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(relay.connectedEndpoints()).isZero();
        }
    }

    @Test
    void anInterruptedThreadStillClosesEverything() throws IOException {
        var relay = relay().start();
        var address = mainAddress(relay);
        try (var client = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            Thread.currentThread().interrupt();

            relay.close();

            assertThat(Thread.interrupted()).isTrue();
            client.expectClosed(1001);
            assertThatThrownBy(() -> Wire.plain(address)).isInstanceOf(ConnectException.class);
        } finally {
            Thread.interrupted();
            relay.close();
        }
    }

    @Test
    void addressesTellTheRealPorts() throws IOException {
        try (var relay = relay().metrics(Counters.ADDRESS).start()) {
            assertThat(relay.httpAddress().getPort()).isPositive();
            assertThat(relay.httpsAddress().isPresent()).isEqualTo(tls);
            assertThat(relay.metricsAddress().orElseThrow().getPort()).isPositive();
            assertThat(relay.url())
                    .isEqualTo("%s://127.0.0.1:%d"
                            .formatted(
                                    tls ? "https" : "http", mainAddress(relay).getPort()));
        }
    }
}
