package io.teahouse.relay.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Who the clients of a listener are, how many connections each may have, and what is said of proxies that do not tell. */
class ClientsTest {
    private static final InetSocketAddress PROXY = new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 50_000);
    private static final Proxies PROXIES =
            Proxies.trusting(ClientAddressSource.X_FORWARDED_FOR, AddressRange.of("10.0.0.0/8"));

    /** Keeps hold of the logger, and what it was told. */
    private static final class Heard extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(Clients.class.getName());
        private final List<String> lines = new ArrayList<>();

        Heard() {
            logger.addHandler(this);
            logger.setUseParentHandlers(false);
        }

        @Override
        public void publish(LogRecord record) {
            lines.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.setUseParentHandlers(true);
            logger.removeHandler(this);
        }
    }

    @Test
    void ofManyRequestsWithoutAClientOneIsToldInTenSeconds() {
        var clients = new Clients(PROXIES, Integer.MAX_VALUE);
        var none = new DefaultHttpHeaders();
        var hidden = new DefaultHttpHeaders().add("x-forwarded-for", "unknown, 10.0.0.2");
        try (var heard = new Heard()) {
            for (int second = 0; second < 10; second++) {
                assertThat(clients.of(PROXY, none, TimeUnit.SECONDS.toNanos(second)))
                        .isEqualTo(PROXY);
            }
            clients.of(PROXY, hidden, TimeUnit.SECONDS.toNanos(10));
            clients.of(PROXY, none, TimeUnit.SECONDS.toNanos(10));

            assertThat(heard.lines)
                    .containsExactly(
                            "WARNING proxy: 10.0.0.1 sends no X-Forwarded-For; its clients count as 10.0.0.1 (said once in 10 s)",
                            "WARNING proxy: 10.0.0.1 sends X-Forwarded-For without an address in its place; its clients count as"
                                    + " 10.0.0.2 (said once in 10 s)");
        }
    }

    @Test
    void aClientHasItsConnectionsAndNoMoreHoweverManyThreadsAsk() throws InterruptedException {
        var clients = new Clients(PROXIES, 100);
        var client = InetAddress.ofLiteral("192.0.2.7");
        var taken = new ConcurrentLinkedQueue<EmbeddedChannel>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 50; j++) {
                    var channel = new EmbeddedChannel();
                    if (clients.take(client, channel)) {
                        taken.add(channel);
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }

        assertThat(taken).hasSize(100);
        assertThat(clients.take(InetAddress.ofLiteral("192.0.2.8"), new EmbeddedChannel()))
                .isTrue();
        taken.remove().close();
        assertThat(clients.take(client, new EmbeddedChannel())).isTrue();
        assertThat(clients.take(client, new EmbeddedChannel())).isFalse();
    }

    @Test
    void aTrustedAddressHasAsManyAsItLikes() {
        var clients = new Clients(PROXIES, 1);
        for (int i = 0; i < 10; i++) {
            assertThat(clients.take(PROXY.getAddress(), new EmbeddedChannel())).isTrue();
        }
    }
}
