package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops reading and reads on: what is lost meanwhile, and what comes first then (iroh relay server spec, section 11.18).
 *
 * <p>Sender and receiver are on one loop, so what the relay has dealt with is in the receiver's queue.
 */
@Conversation
@ParameterizedClass(name = "TLS: {0}")
@ValueSource(booleans = {false, true})
class QueueConversationTest {
    /** Datagrams that wait for one receiver at most. */
    private static final int QUEUE = 512;

    /** More than what two sockets and a queue hold together, in bytes. */
    private static final int FLOOD_BYTES = 8_000_000;

    private static final int LENGTH = 2000;
    private static final int FLOOD = FLOOD_BYTES / LENGTH;

    private final boolean tls;
    private final SecretKey stuckKey = ScriptedClient.newKey();
    private final SecretKey senderKey = ScriptedClient.newKey();

    QueueConversationTest(boolean tls) {
        this.tls = tls;
    }

    private RelayServer start() throws IOException {
        return SlowReceiverConversationTest.start(1, tls, SlowReceiverConversationTest.LONG);
    }

    /** Sends numbered datagrams as fast as it goes, and returns when the relay has dealt with them. */
    private void flood(ScriptedClient sender, int first, int count) throws IOException {
        int each = 20;
        for (int n = first; n < first + count; n += each) {
            var several = new byte[each][];
            for (int i = 0; i < each; i++) {
                several[i] = WebSocketFrame.masked(
                        WebSocketFrame.BINARY,
                        ScriptedClient.datagram(stuckKey.endpointId(), Bytes.numbered(n + i, LENGTH)));
            }
            sender.wire().write(Bytes.join(several));
        }
        sender.expectQuietAndAlive();
    }

    @Test
    void ofTooManyDatagramsTheOldestThatWaitAreLost() throws IOException {
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var stuck = SlowReceiverConversationTest.stuck(relay, stuckKey)) {
            flood(sender, 0, FLOOD);

            stuck.wire().widenWindow();
            int expected = 0;
            int gaps = 0;
            int behindTheGap = 0;
            while (expected < FLOOD) {
                var contents = stuck.nextDatagram(senderKey.endpointId());
                int n = Bytes.numberOf(contents);
                assertThat(contents).isEqualTo(Bytes.numbered(n, LENGTH));
                assertThat(n).isGreaterThanOrEqualTo(expected);
                if (n > expected) {
                    gaps++;
                    assertThat(Counters.of(relay).get("send_packets_dropped")).isEqualTo(n - expected);
                }
                behindTheGap += gaps;
                expected = n + 1;
            }

            // One gap, and behind it the newest, without another.
            assertThat(gaps).isEqualTo(1);
            assertThat(behindTheGap).isBetween(QUEUE / 2, QUEUE);
            stuck.expectQuietAndAlive();
            sender.expectQuietAndAlive();
        }
    }

    @Test
    void whoeverSendsMostLosesFirst() throws IOException {
        var modestKey = ScriptedClient.newKey();
        int modest = 50;
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var other = ScriptedClient.admitted(relay, modestKey);
                var stuck = SlowReceiverConversationTest.stuck(relay, stuckKey)) {
            flood(sender, 0, FLOOD);
            for (int n = 0; n < modest; n++) {
                other.sendDatagram(stuckKey.endpointId(), Bytes.numbered(n, LENGTH));
            }
            other.expectQuietAndAlive();
            flood(sender, FLOOD, 2 * QUEUE / 20 * 20);

            stuck.wire().widenWindow();
            int next = 0;
            while (next < modest) {
                var received = (RelayFrame.ReceivedDatagrams) stuck.next();
                if (received.source().equals(modestKey.endpointId())) {
                    assertThat(ScriptedClient.bytes(received.datagrams().contents()))
                            .isEqualTo(Bytes.numbered(next++, LENGTH));
                }
            }
        }
    }

    @Test
    void controlFramesDoNotWaitBehindDatagrams() throws IOException {
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var stuck = SlowReceiverConversationTest.stuck(relay, stuckKey)) {
            flood(sender, 0, FLOOD);
            stuck.sendPing(4711);
            Await.until("the ping has come", () -> Counters.of(relay).get("got_ping") == 2);
            try (var newer = ScriptedClient.admitted(relay, stuckKey)) {
                newer.expectQuietAndAlive();

                stuck.wire().widenWindow();
                int pongs = 0;
                int statuses = 0;
                int behind = 0;
                for (int last = 0; last < FLOOD - 1; ) {
                    switch (stuck.next()) {
                        case RelayFrame.Pong(long payload) -> {
                            assertThat(payload).isEqualTo(4711);
                            pongs++;
                        }
                        case RelayFrame.Status(int code) -> {
                            assertThat(code).isEqualTo(1);
                            statuses++;
                        }
                        case RelayFrame.ReceivedDatagrams received -> {
                            last = Bytes.numberOf(
                                    ScriptedClient.bytes(received.datagrams().contents()));
                            behind += pongs == 1 && statuses == 1 ? 1 : 0;
                        }
                        case RelayFrame.FromRelay other -> throw new AssertionError(other.toString());
                    }
                }

                assertThat(pongs).isEqualTo(1);
                assertThat(statuses).isEqualTo(1);
                // They overtook everything that waited.
                assertThat(behind).isGreaterThanOrEqualTo(QUEUE / 2);
            }
        }
    }

    @Test
    void aFloodOfPingsFromAClientThatDoesNotReadIsAnsweredAsFarAsThereIsRoom() throws IOException {
        int pings = 1000;
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var stuck = SlowReceiverConversationTest.stuck(relay, stuckKey)) {
            flood(sender, 0, FLOOD);
            for (int n = 0; n < pings; n += 100) {
                var several = new byte[200][];
                for (int i = 0; i < 100; i++) {
                    several[2 * i] =
                            WebSocketFrame.masked(WebSocketFrame.BINARY, FrameCodec.encode(new RelayFrame.Ping(n + i)));
                    several[2 * i + 1] = WebSocketFrame.masked(WebSocketFrame.PING, Bytes.numbered(n + i, 100));
                }
                stuck.wire().write(Bytes.join(several));
            }
            // The sender has sent one itself.
            Await.until("all have come", () -> Counters.of(relay).get("got_ping") == pings + 1);

            stuck.wire().widenWindow();
            int relayPongs = 0;
            int webSocketPongs = 0;
            long lastPong = -1;
            for (int last = 0; last < FLOOD - 1; ) {
                var frame = stuck.nextFrame();
                var payload = ByteBuffer.wrap(frame.payload());
                if (frame.opcode() == WebSocketFrame.PONG) {
                    webSocketPongs++;
                } else if (frame.payload()[0] == 10) {
                    relayPongs++;
                    assertThat(payload.getLong(1)).isGreaterThan(lastPong);
                    lastPong = payload.getLong(1);
                } else {
                    last = payload.getInt(34);
                }
            }

            // A few hundred at most, the newest among them, whatever was asked.
            assertThat(relayPongs).isBetween(1, 200);
            assertThat(lastPong).isEqualTo(pings - 1);
            assertThat(webSocketPongs).isLessThan(2000);
            stuck.expectQuietAndAlive();
        }
    }
}
