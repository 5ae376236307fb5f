package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sends more than it may (iroh relay spec, section 4.8). */
@Conversation
@EveryTransport
class RateLimitConversationTest {
    private static final RelayFrame.FromRelay THROTTLED = new RelayFrame.Status(2);
    private static final int LENGTH = 1000;

    private static RelayServer start(ReceiveLimit limit) throws IOException {
        return RelayServer.builder()
                .clientReceiveLimit(limit)
                .metrics(Counters.ADDRESS)
                .start();
    }

    /** Sends numbered datagrams to an endpoint, on and on. */
    private static Callable<Void> sender(ScriptedClient client, EndpointId to, int count) {
        return () -> {
            for (int n = 0; n < count; n++) {
                client.sendDatagram(to, Bytes.numbered(n, LENGTH));
            }
            return null;
        };
    }

    @ParameterizedTest
    @EnumSource
    void whoSendsTooMuchIsSlowedDownToldOnceAndLosesNothing(ProtocolVersion version) throws Exception {
        var limit = ReceiveLimit.ofRate(400_000);
        var key = ScriptedClient.newKey();
        int count = 400;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = start(limit);
                var client = ScriptedClient.admitted(relay, key, version)) {
            long start = System.nanoTime();
            var sending = threads.submit(sender(client, key.endpointId(), count));

            int told = 0;
            for (int n = 0; n < count; ) {
                var frame = client.next();
                if (frame.equals(THROTTLED)) {
                    told++;
                } else {
                    assertThat(frame).isInstanceOf(RelayFrame.ReceivedDatagrams.class);
                    var contents =
                            ((RelayFrame.ReceivedDatagrams) frame).datagrams().contents();
                    assertThat(ScriptedClient.bytes(contents)).isEqualTo(Bytes.numbered(n++, LENGTH));
                }
            }
            var took = Duration.ofNanos(System.nanoTime() - start);
            sending.get();

            assertThat(told).isEqualTo(version == ProtocolVersion.V2 ? 1 : 0);
            // The bytes of the datagrams without the burst, and what was read in one go before it counted.
            long leastMillis =
                    1000 * ((long) count * LENGTH - limit.maxBurstBytes() - 150_000) / limit.bytesPerSecond();
            long usualMillis = 1000L * count * (LENGTH + 42) / limit.bytesPerSecond();
            assertThat(took.toMillis()).isBetween(leastMillis, usualMillis * 3 / 2 + 1500);
            var counters = Counters.of(relay);
            assertThat(counters.get("conns_rx_ratelimited")).isEqualTo(1);
            assertThat(counters.get("bytes_rx_ratelimited")).isPositive();
            assertThat(counters.get("send_packets_dropped")).isZero();
        }
    }

    @Test
    void whoSendsWithinItsShareIsNotSlowedDown() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = start(new ReceiveLimit(10, 100_000));
                var client = ScriptedClient.admitted(relay, key)) {
            for (int n = 0; n < 90; n++) {
                client.sendDatagram(key.endpointId(), Bytes.numbered(n, LENGTH));
                assertThat(client.nextDatagram(key.endpointId())).isEqualTo(Bytes.numbered(n, LENGTH));
            }
            assertThat(Counters.of(relay).get("conns_rx_ratelimited")).isZero();
        }
    }

    @Test
    void whatAClientReceivesIsNotLimitedNorIsAnotherOnesShare() throws IOException {
        var receiverKey = ScriptedClient.newKey();
        try (var relay = start(new ReceiveLimit(10, 20_000));
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            for (int i = 0; i < 8; i++) {
                var senderKey = ScriptedClient.newKey();
                try (var sender = ScriptedClient.admitted(relay, senderKey)) {
                    for (int n = 0; n < 10; n++) {
                        sender.sendDatagram(receiverKey.endpointId(), Bytes.numbered(n, LENGTH));
                        assertThat(receiver.nextDatagram(senderKey.endpointId()))
                                .isEqualTo(Bytes.numbered(n, LENGTH));
                    }
                }
                receiver.expect(new RelayFrame.EndpointGone(senderKey.endpointId()));
            }
            assertThat(Counters.of(relay).get("conns_rx_ratelimited")).isZero();
        }
    }

    @Test
    void aClientThatIsHeldBackIsFreeAtOnceWhenTheLimitIsLifted() throws Exception {
        var key = ScriptedClient.newKey();
        int count = 300;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = start(new ReceiveLimit(10, 10));
                var client = ScriptedClient.admitted(relay, key)) {
            var sending = threads.submit(sender(client, key.endpointId(), count));
            // At ten bytes a second these would take eight hours.
            client.expect(THROTTLED);

            relay.setClientReceiveLimit(Optional.empty());

            for (int n = 0; n < count; n++) {
                assertThat(client.nextDatagram(key.endpointId())).isEqualTo(Bytes.numbered(n, LENGTH));
            }
            sending.get();
            client.expectQuietAndAlive();
        }
    }

    @Test
    void aLimitThatIsSetLaterHoldsForThoseWhoAreConnectedAndForThoseWhoCome() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().metrics(Counters.ADDRESS).start();
                var before = ScriptedClient.admitted(relay, key)) {
            before.sendDatagram(key.endpointId(), new byte[30_000]);
            before.nextDatagram(key.endpointId());

            relay.setClientReceiveLimit(Optional.of(new ReceiveLimit(1000, 1000)));

            try (var after = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                for (var client : new ScriptedClient[] {before, after}) {
                    client.sendDatagram(key.endpointId(), Bytes.numbered(1, 2000));
                    client.expect(THROTTLED);
                }
            }
            assertThat(Counters.of(relay).get("conns_rx_ratelimited")).isEqualTo(2);
        }
    }

    @Test
    void aClientThatIsHeldBackStillReceivesAndIsToldOfItsEnd() throws Exception {
        var key = ScriptedClient.newKey();
        var senderKey = ScriptedClient.newKey();
        try (var relay = start(new ReceiveLimit(10, 5000));
                var heldBack = ScriptedClient.admitted(relay, key);
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            heldBack.sendDatagram(ScriptedClient.newKey().endpointId(), new byte[10_000]);
            heldBack.expect(THROTTLED);

            sender.sendDatagram(key.endpointId(), "still there?");
            heldBack.expectDatagram(senderKey.endpointId(), "still there?");

            assertThat(relay.disconnect(key.endpointId(), Optional.empty())).isTrue();
            heldBack.expectClosed(1008);
        }
    }

    @Test
    @DisabledIfSystemProperty(
            named = "io.netty.transport.noNative",
            matches = "true",
            disabledReason =
                    "the JDK's transport does not notice who leaves while it does not read, until the next ping")
    void aClientThatIsHeldBackAndLeavesIsGone() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = start(new ReceiveLimit(10, 5000))) {
            try (var heldBack = ScriptedClient.admitted(relay, key)) {
                heldBack.sendDatagram(key.endpointId(), new byte[10_000]);
                heldBack.expect(THROTTLED);
                heldBack.nextDatagram(key.endpointId());
                heldBack.wire().reset();
            }

            Await.until("it is gone", () -> relay.connectedEndpoints() == 0);
        }
    }
}
