package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Stops reading, while others send, and sees that nobody else is harmed (iroh relay spec, section 4.4).
 */
@Conversation
@EveryTransport
@ParameterizedClass(name = "{0} loops, TLS: {1}")
@CsvSource({"1, false", "2, false", "1, true"})
class SlowReceiverConversationTest {
    static final Duration LONG = Duration.ofMinutes(10);

    private final int loops;
    private final boolean tls;
    private final SecretKey stuckKey = ScriptedClient.newKey();

    SlowReceiverConversationTest(int loops, boolean tls) {
        this.loops = loops;
        this.tls = tls;
    }

    static RelayServer start(int loops, boolean tls, Duration writeStall) throws IOException {
        return start(loops, tls, writeStall, AccessControl.everyone());
    }

    private static RelayServer start(int loops, boolean tls, Duration writeStall, AccessControl access)
            throws IOException {
        var builder = RelayServer.builder()
                .eventLoops(loops)
                .access(access)
                .timeouts(new Timeouts(LONG, LONG, LONG, writeStall))
                .metrics(Counters.ADDRESS);
        if (tls) {
            builder.tls(TestTls.server());
        }
        return builder.start();
    }

    /** A client to which the relay soon cannot write on, if it does not read. */
    private static ScriptedClient withSmallWindow(RelayServer relay) throws IOException {
        return new ScriptedClient(
                relay.httpsAddress().isPresent()
                        ? Wire.tlsWithSmallWindow(relay.httpsAddress().get())
                        : Wire.plainWithSmallWindow(relay.httpAddress()));
    }

    static ScriptedClient stuck(RelayServer relay, SecretKey key) throws IOException {
        var client = withSmallWindow(relay);
        client.beAdmitted(key, ProtocolVersion.V2);
        return client;
    }

    @Test
    @SuppressWarnings("try") // the stuck client is there, and does nothing
    void aReceiverThatStopsReadingCostsOnlyItself() throws Exception {
        int senders = 50;
        var access = RecordingAccess.direct(_ -> AccessControl.Decision.allow());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = start(loops, tls, Duration.ofSeconds(1), access);
                var stuck = stuck(relay, stuckKey)) {
            var closed = new AtomicBoolean();
            var clients = new ArrayList<ScriptedClient>();
            List<Future<Integer>> work = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
                var key = ScriptedClient.newKey();
                var client = ScriptedClient.admitted(relay, key);
                clients.add(client);
                work.add(threads.submit(() -> sendToStuckAndOneself(client, key, closed)));
            }

            Await.until("the stuck client is given up", () -> Counters.of(relay).get("write_timeouts") == 1);
            Await.until("access control is told", () -> !access.ended().isEmpty());
            closed.set(true);
            assertThat(access.ended())
                    .extracting(RecordingAccess.Ended::endpointId)
                    .containsExactly(stuckKey.endpointId());

            long sent = 0;
            for (var part : work) {
                sent += part.get();
            }
            for (var client : clients) {
                client.expectQuietAndAlive();
                client.close();
            }
            assertThat(relay.connectedEndpoints()).isLessThanOrEqualTo(senders);
            var counters = Counters.of(relay);
            assertThat(counters.get("datagrams_dropped", "queue_full")).isPositive();
            assertThat(counters.get("send_packets_recv")).isEqualTo(sent);
            assertThat(counters.get("send_packets_sent") + counters.get("send_packets_dropped"))
                    .isEqualTo(sent);
            assertThat(counters.get("ping_timeouts")).isZero();
        }
    }

    /** Sends by turns to the stuck client and to itself; what it sends to itself comes back, always and at once. */
    private int sendToStuckAndOneself(ScriptedClient client, SecretKey key, AtomicBoolean closed) throws IOException {
        int sent = 0;
        for (int n = 0; n < 20 || !closed.get(); n++) {
            client.sendDatagram(stuckKey.endpointId(), Bytes.numbered(n, 12_000));
            client.sendDatagram(key.endpointId(), Bytes.numbered(n, 1200));
            sent += 2;
            assertThat(client.nextDatagram(key.endpointId())).isEqualTo(Bytes.numbered(n, 1200));
        }
        return sent;
    }

    @Test
    void aFloodOfPingsBeforeAdmissionIsAnsweredAsFarAsThereIsRoom() throws IOException {
        int pings = 80_000;
        try (var relay = start(loops, tls, LONG);
                var client = withSmallWindow(relay)) {
            client.upgrade(ProtocolVersion.V2);
            var challenge = client.nextMessage();
            var several = new byte[1000][];
            for (int n = 0; n < pings; n += several.length) {
                for (int i = 0; i < several.length; i++) {
                    several[i] = WebSocketFrame.masked(WebSocketFrame.PING, Bytes.numbered(n + i, 125));
                }
                client.wire().write(Bytes.join(several));
            }
            client.sendBinary(ScriptedClient.authFor(stuckKey, challenge));
            Await.until("the client is admitted", () -> relay.connectedEndpoints() == 1);

            client.wire().widenWindow();
            int pongs = 0;
            int last = -1;
            for (var frame = client.nextFrame(); frame.opcode() == WebSocketFrame.PONG; frame = client.nextFrame()) {
                assertThat(Bytes.numberOf(frame.payload())).isGreaterThan(last);
                last = Bytes.numberOf(frame.payload());
                pongs++;
            }

            assertThat(pongs).isLessThan(pings * 3 / 4);
            client.expectQuietAndAlive();
        }
    }
}
