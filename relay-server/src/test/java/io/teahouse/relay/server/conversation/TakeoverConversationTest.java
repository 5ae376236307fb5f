package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A relay takes the place of another at the same port, under load, and nobody sees more of it than he was told of. */
@Conversation
class TakeoverConversationTest {
    private static final int CLIENTS = 200;
    private static final int NEWCOMERS = 16;
    private static final int ROUNDS_AFTERWARDS = 20;

    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger newcomers = new AtomicInteger();
    private volatile boolean changed;

    @Test
    void twoHundredClientsSendThroughTheChangeAndNobodyIsRefused() throws Exception {
        var running = new ArrayList<Future<?>>();
        try (var old = RelayServer.builder().reusePort(true).start();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                running.add(threads.submit(client(old)));
            }
            Await.until("all are connected", () -> connected.get() == CLIENTS);
            for (int i = 0; i < NEWCOMERS; i++) {
                running.add(threads.submit(newcomer(old)));
            }
            Await.until("newcomers came", () -> newcomers.get() > 20);

            try (var next = RelayServer.builder()
                    .reusePort(true)
                    .http(old.httpAddress())
                    .start()) {
                old.drain(Duration.ofSeconds(5));
                changed = true;
                for (var each : running) {
                    each.get();
                }
                assertThat(told).hasValue(CLIENTS);
                assertThat(connected).hasValue(2 * CLIENTS);
                Await.until("all have left", () -> next.connectedEndpoints() == 0);
            }
        }
    }

    /** Sends to itself and hears it, on the old relay until it is sent away, then on the new one. */
    private Callable<Void> client(RelayServer relay) {
        var key = ScriptedClient.newKey();
        return () -> {
            boolean wasTold = false;
            while (true) {
                try (var client = ScriptedClient.admitted(relay, key)) {
                    connected.incrementAndGet();
                    if (!echoUntilSentAway(client, key.endpointId())) {
                        return null;
                    }
                    assertThat(wasTold).as("sent away twice").isFalse();
                    wasTold = true;
                    told.incrementAndGet();
                    // What it had sent may still come back before the end.
                    assertThat(client.readToEnd().getLast().closeCode()).isEqualTo(1001);
                }
            }
        };
    }

    /** Returns whether it was sent away; if not, all is over and has been heard for a while. */
    private boolean echoUntilSentAway(ScriptedClient client, EndpointId self) throws Exception {
        for (int afterwards = 0; afterwards < ROUNDS_AFTERWARDS; afterwards += changed ? 1 : 0) {
            client.sendDatagram(self, "still here");
            if (client.next() instanceof RelayFrame.Restarting) {
                return true;
            }
        }
        return false;
    }

    /** Comes, says something, and goes, again and again; no attempt may fail. */
    private Callable<Void> newcomer(RelayServer relay) {
        return () -> {
            while (!changed) {
                var key = ScriptedClient.newKey();
                try (var client = ScriptedClient.admitted(relay, key)) {
                    newcomers.incrementAndGet();
                    client.sendDatagram(key.endpointId(), "hello");
                    assertThat(List.of(client.next()))
                            .hasOnlyElementsOfTypes(RelayFrame.ReceivedDatagrams.class, RelayFrame.Restarting.class);
                }
            }
            return null;
        };
    }
}
