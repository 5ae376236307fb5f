package io.teahouse.quic.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client meets our server over a simulated network. */
class ConnectionConversationTest {
    private static final long STREAM = 0;
    private static final Wire.Faults TERRIBLE = new Wire.Faults(0.3, 0.1, 0.3, 0.1);
    private static final Wire.Faults BAD = new Wire.Faults(0.1, 0.05, 0.1, 0.05);

    private final ByteBuffer received = ByteBuffer.allocate(400_000);
    private boolean finished;

    @Test
    void aHandshakeTakesOneRoundTrip() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);

        pair.runUntil(() -> Pair.has(pair.clientEvents, ConnectionEvent.Connected.class));
        assertThat(pair.nowNanos / 1_000_000).isLessThanOrEqualTo(40);
        pair.runUntil(pair::isConfirmed);
        assertThat(pair.nowNanos / 1_000_000).isLessThanOrEqualTo(80);
    }

    @Test
    void eachSeesTheAddressAtWhichTheOtherSeesIt() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);

        pair.runUntil(() -> Pair.has(pair.clientEvents, ConnectionEvent.AddressObserved.class)
                && Pair.has(pair.serverEvents, ConnectionEvent.AddressObserved.class));

        assertThat(pair.client.observedAddress()).contains(Pair.CLIENT);
        assertThat(pair.server().observedAddress()).contains(Pair.SERVER);
    }

    @Test
    void aClientIsToldItsAddressWithTheServersFirstWords() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);

        pair.runUntil(() -> Pair.has(pair.clientEvents, ConnectionEvent.AddressObserved.class));

        assertThat(pair.nowNanos / 1_000_000).isLessThanOrEqualTo(40);
        assertThat(pair.server().isConnected()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aClientIsToldItsAddressThoughDatagramsAreLost(long seed) {
        var pair = new Pair(seed, 20, BAD);

        pair.runUntil(() -> Pair.has(pair.clientEvents, ConnectionEvent.AddressObserved.class));

        assertThat(pair.client.observedAddress()).contains(Pair.CLIENT);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aStreamArrivesWhateverTheNetworkDoes(long seed) {
        var pair = new Pair(seed, 20, BAD);

        echo(pair, 300_000);

        assertThat(Pair.has(pair.clientEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(Pair.has(pair.serverEvents, ConnectionEvent.Closed.class)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})
    void aHandshakeComesToItsEndThoughEveryThirdDatagramIsLost(long seed) {
        var pair = new Pair(seed, 20, TERRIBLE);

        echo(pair, 5_000);
        pair.runUntil(pair::isConfirmed);
    }

    @Test
    void datagramsGrowToWhatThePathCarries() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);

        echo(pair, 300_000);

        assertThat(pair.largestToServer).isEqualTo(1452);
    }

    @Test
    void datagramsOfTheApplicationArrive() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(pair::isConfirmed);

        assertThat(pair.client.sendDatagram(ByteBuffer.wrap(new byte[] {1, 2, 3})))
                .isTrue();
        assertThat(pair.client.sendDatagram(ByteBuffer.allocate(2000))).isFalse();
        pair.flush();
        pair.run(50);

        assertThat(pair.server().pollDatagram()).contains(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void whoComesBackIsHeardBeforeTheHandshakeIsDone() {
        var keys = new TicketKeys(TicketKeys.DEFAULT_LIFETIME);
        var serverConfig = Pair.serverConfig()
                .tickets(keys, 1)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        var config = ConnectionConfig.defaults(Pair.TIME_ZERO);
        var first = new Pair(1, 20, Wire.Faults.NONE, config, serverConfig, Optional.empty());
        first.runUntil(() -> Pair.has(first.clientEvents, ConnectionEvent.TicketReceived.class));
        var ticket = first.clientEvents.stream()
                .filter(ConnectionEvent.TicketReceived.class::isInstance)
                .map(event -> ((ConnectionEvent.TicketReceived) event).ticket())
                .findFirst();

        var later = ConnectionConfig.defaults(Pair.TIME_ZERO.plusSeconds(1));
        var second = new Pair(2, 20, Wire.Faults.NONE, later, serverConfig, ticket);
        second.client.streams().open(true);
        second.client.streams().write(STREAM, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        second.runUntil(() -> second.server.isPresent());

        assertThat(second.server().isConnected()).isFalse();
        assertThat(second.server().streams().read(STREAM, received)).isEqualTo(3);
        second.runUntil(second::isConfirmed);
        assertThat(Pair.has(second.clientEvents, ConnectionEvent.EarlyDataRejected.class))
                .isFalse();
    }

    @Test
    void whatWasSentTooEarlyIsSentAgain() {
        var keys = new TicketKeys(TicketKeys.DEFAULT_LIFETIME);
        var config = ConnectionConfig.defaults(Pair.TIME_ZERO);
        var serverConfig = Pair.serverConfig().tickets(keys, 1).earlyData(new ReplayGuard(), Opaque.EMPTY);
        var first = new Pair(1, 20, Wire.Faults.NONE, config, serverConfig.build(), Optional.empty());
        first.runUntil(() -> Pair.has(first.clientEvents, ConnectionEvent.TicketReceived.class));
        var ticket = first.clientEvents.stream()
                .filter(ConnectionEvent.TicketReceived.class::isInstance)
                .map(event -> ((ConnectionEvent.TicketReceived) event).ticket())
                .findFirst();

        var forgetful = Pair.serverConfig().build();
        var second = new Pair(2, 20, Wire.Faults.NONE, config, forgetful, ticket);
        second.client.streams().open(true);
        second.client.streams().write(STREAM, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        second.runUntil(second::isConfirmed);
        second.run(2000);

        assertThat(second.server().streams().read(STREAM, received)).isEqualTo(3);
        assertThat(Pair.has(second.clientEvents, ConnectionEvent.EarlyDataRejected.class))
                .isTrue();
    }

    @Test
    void aServerSendsLittleToAnAddressThatIsNotProven() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(() -> pair.server.isPresent());

        long heard = pair.bytesToServer;
        pair.toServer.cut(); // and nothing more is heard of the client
        pair.run(20_000);

        assertThat(pair.bytesToClient).isLessThanOrEqualTo(3 * heard);
    }

    @Test
    void aCloseIsTold() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(pair::isConfirmed);

        pair.client.close(7, "enough", pair.nowNanos);
        pair.runUntil(() -> pair.client.isOver() && pair.server().isOver());

        assertThat(pair.serverEvents).contains(new ConnectionEvent.Closed(new CloseCause.PeerApplication(7, "enough")));
        assertThat(pair.clientEvents).contains(new ConnectionEvent.Closed(new CloseCause.Local(7)));
    }

    @Test
    void aCloseInTheHandshakeIsToldWithoutTheApplicationsWords() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(() -> pair.server.isPresent());

        pair.server().close(7, "secret", pair.nowNanos);
        pair.runUntil(() -> Pair.has(pair.clientEvents, ConnectionEvent.Closed.class));

        assertThat(pair.clientEvents).contains(new ConnectionEvent.Closed(new CloseCause.PeerTransport(0x0c, "")));
    }

    @Test
    void silenceEndsAConnection() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(pair::isConfirmed);
        long cutAtNanos = pair.nowNanos;

        pair.toClient.cut();
        pair.toServer.cut();
        pair.runUntil(() -> pair.client.isOver() && pair.server().isOver());

        assertThat(pair.clientEvents).contains(new ConnectionEvent.Closed(new CloseCause.Idle()));
        assertThat((pair.nowNanos - cutAtNanos) / 1_000_000_000).isBetween(25L, 40L);
    }

    @Test
    void aConnectionThatNobodyUsesIsKeptAlive() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(pair::isConfirmed);

        pair.run(120_000);

        assertThat(pair.client.isOver()).isFalse();
        assertThat(pair.server().isOver()).isFalse();
    }

    @Test
    void aClientWhoseAddressChangesIsFollowed() {
        var pair = new Pair(1, 20, Wire.Faults.NONE);
        pair.runUntil(pair::isConfirmed);

        pair.clientAddress = new InetSocketAddress(Pair.CLIENT.getAddress(), 3333);
        echo(pair, 300_000);

        assertThat(pair.server().network().remote()).isEqualTo(pair.clientAddress);
    }

    /** The client sends a stream, and has it sent back. */
    private void echo(Pair pair, int length) {
        var data = new byte[length];
        new Random(length).nextBytes(data);
        var unwritten = ByteBuffer.wrap(data);
        var atServer = ByteBuffer.allocate(length).limit(0);
        pair.runUntil(() -> {
            if (pair.client.streams().sending(STREAM).isEmpty() && unwritten.position() == 0) {
                pair.client.streams().open(true);
            }
            if (unwritten.hasRemaining()
                    && pair.client.streams().sending(STREAM).isPresent()) {
                pair.client.streams().write(STREAM, unwritten);
                if (!unwritten.hasRemaining()) {
                    pair.client.streams().finish(STREAM);
                }
            }
            pair.server.ifPresent(server -> {
                atServer.compact();
                server.streams().read(STREAM, atServer);
                atServer.flip();
                if (!finished && server.streams().sending(STREAM).isPresent()) {
                    server.streams().write(STREAM, atServer);
                    if (server.streams().isEnded(STREAM) && !atServer.hasRemaining()) {
                        server.streams().finish(STREAM);
                        finished = true;
                    }
                }
            });
            pair.client.streams().read(STREAM, received);
            return received.position() > 0 && pair.client.streams().isEnded(STREAM);
        });

        assertThat(received.flip()).isEqualTo(ByteBuffer.wrap(data));
    }
}
