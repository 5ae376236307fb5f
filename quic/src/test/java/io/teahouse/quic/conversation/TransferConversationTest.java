package io.teahouse.quic.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.stream.SendingPart;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes from one side to the other, through keys, packets, frames, streams, recovery, congestion control and paths. */
class TransferConversationTest {
    private static final long MILLI = 1_000_000;
    private static final long STREAM = 0;

    private final Map<Long, SimulatedLink> toServer = new TreeMap<>();
    private final Map<Long, SimulatedLink> toClient = new TreeMap<>();
    private final ByteBuffer received = ByteBuffer.allocate(2_000_000);
    private long nowNanos;

    private void addPath(long id, long seed, long delayMillis, double loss, int maxBytes) {
        toServer.put(id, new SimulatedLink(new Random(seed), delayMillis, loss, maxBytes, 20));
        toClient.put(id, new SimulatedLink(new Random(seed + 1), delayMillis, loss, maxBytes, 20));
    }

    private static SimulatedLink link(Map<Long, SimulatedLink> links, long id) {
        return Objects.requireNonNull(links.get(id));
    }

    private interface Event {
        void happen() throws TransportException;
    }

    /** Sends a stream from client to server until it has arrived; the event happens once half of it has. */
    private void transfer(Side client, Side server, int length, Event halfWay) throws TransportException {
        var data = new byte[length];
        new Random(length).nextBytes(data);
        var unwritten = ByteBuffer.wrap(data);
        assertThat(client.streams.application().open(true)).hasValue(STREAM);
        boolean happened = false;
        for (int turn = 0; !server.streams.application().isEnded(STREAM) || received.position() == 0; turn++) {
            assertThat(turn).as("turns").isLessThan(200_000);
            if (client.streams.application().sending(STREAM).orElseThrow().writable() > 0 && unwritten.hasRemaining()) {
                client.streams.application().write(STREAM, unwritten);
                if (!unwritten.hasRemaining()) {
                    client.streams.application().finish(STREAM);
                }
            }
            for (Side side : List.of(client, server)) {
                deliver(side == client ? toClient : toServer, side);
                side.act(nowNanos);
            }
            server.streams.application().read(STREAM, received);
            if (!happened && received.position() > length / 2) {
                happened = true;
                halfWay.happen();
            }
            nowNanos = Math.max(nowNanos, nextEventNanos(client, server));
        }

        assertThat(received.flip()).isEqualTo(ByteBuffer.wrap(data));
    }

    private void deliver(Map<Long, SimulatedLink> links, Side side) throws TransportException {
        for (SimulatedLink link : links.values()) {
            for (var datagram = link.receive(nowNanos); datagram.isPresent(); datagram = link.receive(nowNanos)) {
                side.receive(datagram.get(), nowNanos);
            }
        }
    }

    private long nextEventNanos(Side client, Side server) {
        long next = Math.min(client.nextDeadlineNanos(nowNanos), server.nextDeadlineNanos(nowNanos));
        for (var links : List.of(toServer, toClient)) {
            for (SimulatedLink link : links.values()) {
                next = Math.min(next, link.nextArrivalNanos());
            }
        }
        return next;
    }

    private Side client() {
        return new Side(Role.CLIENT, toServer, new Random(7));
    }

    private Side server() {
        return new Side(Role.SERVER, toClient, new Random(8));
    }

    private long millis() {
        return nowNanos / MILLI;
    }

    @Test
    void aGoodPathIsFilled() throws TransportException {
        addPath(0, 1, 20, 0, 1500);
        var client = client();

        transfer(client, server(), 1_500_000, () -> {});

        // 12 Mbit at 20 Mbit/s are 600 ms; the beginning takes its time.
        assertThat(millis()).isLessThan(1300);
        assertThat(client.path(0).mtu().mtuBytes()).isEqualTo(1452);
        assertThat(client.path(0).recovery().rtt().minNanos()).isBetween(40 * MILLI, 43 * MILLI);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 10, 100, 1000, 10_000})
    void whatIsLostIsRepaired(long seed) throws TransportException {
        addPath(0, seed, 20, 0.05, 1500);

        transfer(client(), server(), 300_000, () -> {});

        assertThat(link(toServer, 0).dropped).isPositive();
        assertThat(millis()).isLessThan(10_000);
    }

    @Test
    void datagramsAreAsLargeAsThePathCarries() throws TransportException {
        addPath(0, 1, 20, 0, 1350);
        var client = client();

        transfer(client, server(), 500_000, () -> {});

        assertThat(client.path(0).mtu().mtuBytes()).isBetween(1310, 1350);
    }

    @Test
    void keysAreReplacedInMidStream() throws TransportException {
        addPath(0, 1, 20, 0.02, 1500);
        var client = client();
        var server = server();

        transfer(
                client,
                server,
                500_000,
                () -> client.keys.oneRtt().orElseThrow().update(nowNanos));

        assertThat(client.keys.oneRtt().orElseThrow().sealingPhase()).isOne();
        assertThat(server.keys.oneRtt().orElseThrow().sealingPhase()).isOne();
    }

    @Test
    void whenThePathInUseDiesTheOtherOneTakesOverSoon() throws TransportException {
        addPath(0, 1, 40, 0, 1500);
        addPath(1, 5, 10, 0, 1500);
        var client = client();
        var server = server();
        var diedAt = new long[1];

        transfer(client, server, 1_000_000, () -> {
            diedAt[0] = nowNanos;
            link(toServer, 1).cut();
            link(toClient, 1).cut();
        });

        assertThat(client.givenUpAtNanos - diedAt[0]).isBetween(0L, 1000 * MILLI);
        assertThat((nowNanos - diedAt[0]) / MILLI).isLessThan(2500);
        assertThat(server.uses(1)).isFalse();
        assertThat(client.uses(1)).isFalse();
    }

    @Test
    void nothingIsLeftOnItsWay() throws TransportException {
        addPath(0, 3, 20, 0.03, 1500);
        var client = client();
        var server = server();
        transfer(client, server, 100_000, () -> {});

        for (int turn = 0; turn < 2000 && !(client.isQuiet() && server.isQuiet()); turn++) {
            for (Side side : List.of(client, server)) {
                deliver(side == client ? toClient : toServer, side);
                side.act(nowNanos);
            }
            nowNanos = Math.max(nowNanos, nextEventNanos(client, server));
        }

        assertThat(client.isQuiet()).isTrue();
        assertThat(server.isQuiet()).isTrue();
        assertThat(client.streams.application().sending(STREAM).orElseThrow().state())
                .isEqualTo(SendingPart.State.DATA_RECEIVED);
    }
}
