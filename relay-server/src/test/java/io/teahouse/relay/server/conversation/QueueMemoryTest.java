package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Has many clients not read at once, and looks at the memory. Alone, so that it is the memory of this relay. */
@Isolated
@ExtendWith(LogWatch.class)
class QueueMemoryTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int STUCK = 8;
    private static final int FOR_ALL_QUEUES = 3_000_000;

    /** What else is at work: batches on their way to sockets, what is being read, and the allocator's own spare chunks. */
    private static final long BESIDES = 12_000_000;

    private static long usedBytes() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    @Test
    void allQueuesTogetherHoldNoMoreThanTheirShareAndNothingAfterwards() throws IOException {
        try (var relay = RelayServer.builder()
                        .eventLoops(1)
                        .queueMemoryBytes(FOR_ALL_QUEUES)
                        .timeouts(new Timeouts(LONG, LONG, LONG, LONG))
                        .metrics(Counters.ADDRESS)
                        .start();
                var sender = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            long before = usedBytes();
            long afterFirst = 0;
            for (int round = 0; round < 3; round++) {
                fillQueues(relay, sender, before);
                Await.until("all who did not read are gone", () -> relay.connectedEndpoints() == 1);
                sender.expectQuietAndAlive();
                if (round == 0) {
                    afterFirst = usedBytes();
                }
            }

            // The allocator keeps chunks in store, but no more of them after every round.
            assertThat(usedBytes()).isLessThan(Math.max(afterFirst, before) + BESIDES / 2);
            var counters = Counters.of(relay);
            assertThat(counters.get("datagrams_dropped", "memory")).isPositive();
            assertThat(counters.get("datagrams_dropped", "receiver_gone")).isPositive();
            assertThat(counters.get("send_packets_sent") + counters.get("send_packets_dropped"))
                    .isEqualTo(counters.get("send_packets_recv"));
        }
    }

    /** Fills the queues of clients that do not read, who then leave. */
    private static void fillQueues(RelayServer relay, ScriptedClient sender, long before) throws IOException {
        var stuck = new ArrayList<ScriptedClient>();
        var ids = new ArrayList<EndpointId>();
        for (int i = 0; i < STUCK; i++) {
            var key = ScriptedClient.newKey();
            ids.add(key.endpointId());
            stuck.add(SlowReceiverConversationTest.stuck(relay, key));
        }
        for (int n = 0; n < 120; n++) {
            for (var id : ids) {
                sender.sendDatagram(id, Bytes.numbered(n, 60_000));
            }
            if (n % 20 == 19) {
                sender.expectQuietAndAlive();
                assertThat(usedBytes()).isLessThan(before + FOR_ALL_QUEUES + BESIDES);
            }
        }
        for (var client : stuck) {
            client.close();
        }
    }
}
