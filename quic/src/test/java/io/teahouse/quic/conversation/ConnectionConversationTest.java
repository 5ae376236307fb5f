package io.teahouse.quic.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
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

    /** Two connections of a client, of which the second one's early data is refused. */
    private static Pair refused(StreamLimits limitsLater) {
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
        return new Pair(2, 20, Wire.Faults.NONE, config, config.withStreams(limitsLater), forgetful, ticket);
    }

    @Test
    void whatWasSentTooEarlyIsSentAgainAtOnce() {
        var pair = refused(StreamLimits.DEFAULT);
        pair.client.streams().open(true);
        pair.client.streams().write(STREAM, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        pair.runUntil(() -> pair.server.isPresent() && pair.server().streams().read(STREAM, received) > 0);

        // Three times over the network, and no waiting in between.
        assertThat(pair.nowNanos / 1_000_000).isBetween(60L, 65L);
        assertThat(received.position()).isEqualTo(3);
        assertThat(Pair.has(pair.clientEvents, ConnectionEvent.EarlyDataRejected.class))
                .isTrue();
    }

    @Test
    void aServerThatAllowsLessThanBeforeIsNotSentMore() {
        var less = new StreamLimits(1000, 1500, 1, 0, 10_000, 16);
        var pair = refused(less);
        var streams = pair.client.streams();
        for (int stream = 0; stream < 2; stream++) {
            long id = streams.open(true).orElseThrow();
            streams.write(id, ByteBuffer.allocate(5000));
            streams.finish(id);
        }
        // Of a stream of which the server has never heard, and must not yet.
        long reset = streams.open(true).orElseThrow();
        streams.write(reset, ByteBuffer.allocate(100));
        streams.reset(reset, 7);

        pair.runUntil(() -> pair.server.isPresent()
                && pair.server().streams().read(STREAM, received) >= 0
                && received.position() == 5000);
        assertThat(pair.server().streams().accept()).hasValue(STREAM);
        pair.server().streams().finish(STREAM);
        pair.runUntil(() -> pair.server().streams().read(4, received) >= 0 && received.position() == 10_000);

        assertThat(Pair.has(pair.clientEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(Pair.has(pair.serverEvents, ConnectionEvent.Closed.class)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysAreReplacedWhileAStreamIsOnItsWay(boolean byClient) {
        var pair = new Pair(3, 20, BAD);
        pair.runUntil(pair::isConfirmed);
        assertThat(pair.client.keyGeneration()).isZero();

        var updates = new int[1];
        pair.eachStep = () -> {
            var beginner = byClient ? pair.client : pair.server();
            updates[0] += beginner.updateKeys(pair.nowNanos) ? 1 : 0;
        };
        echo(pair, 300_000);

        assertThat(updates[0]).isGreaterThan(2);
        assertThat(pair.client.keyGeneration()).isGreaterThan(2);
        assertThat(pair.client.keyGeneration() - pair.server().keyGeneration()).isBetween(-1L, 1L);
        assertThat(Pair.has(pair.clientEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(Pair.has(pair.serverEvents, ConnectionEvent.Closed.class)).isFalse();
    }

    @Test
    void keysAreNotReplacedBeforeThePresentOnesAreInUse() {
        var pair = new Pair(3, 20, Wire.Faults.NONE);
        assertThat(pair.client.updateKeys(pair.nowNanos)).isFalse();
        pair.runUntil(pair::isConfirmed);
        pair.run(1000);

        assertThat(pair.client.updateKeys(pair.nowNanos)).isTrue();
        assertThat(pair.client.updateKeys(pair.nowNanos)).isFalse();
    }

    @Test
    void aServerOfAnotherVersionEndsIt() {
        var pair = new Pair(3, 20, Wire.Faults.NONE);
        var first = pair.client.pollOutgoing(0).orElseThrow().data();
        // The same header with a version that our reader does not know, as a server sees it that speaks only that.
        first.putInt(1, 0x6b3343cf);
        var other = (ReceivedPacket.OtherVersion)
                new DatagramReader(first, 8, true).next().orElseThrow();
        var answer = ByteBuffer.wrap(UnsealedPackets.versionNegotiation(other, List.of(0x6b3343cf), 0));
        var ours = ByteBuffer.wrap(UnsealedPackets.versionNegotiation(other, List.of(0x6b3343cf, 1), 0));

        pair.client.receive(ours, NetworkPath.to(Pair.SERVER), Ecn.NOT_ECT, 0);
        pair.flush();
        assertThat(pair.clientEvents).isEmpty(); // a server that does speak it has said nothing
        pair.client.receive(answer, NetworkPath.to(Pair.SERVER), Ecn.NOT_ECT, 0);
        pair.flush();

        assertThat(pair.clientEvents).containsExactly(new ConnectionEvent.Closed(new CloseCause.VersionUnknown()));
        assertThat(pair.client.isOver()).isTrue();
    }

    @Test
    void aListOfVersionsThatComesLateEndsNothing() {
        var pair = new Pair(3, 20, Wire.Faults.NONE);
        var first = pair.client.pollOutgoing(0).orElseThrow().data();
        var copy = ByteBuffer.allocate(first.remaining())
                .put(first.duplicate())
                .flip()
                .putInt(1, 0x6b3343cf);
        var other = (ReceivedPacket.OtherVersion)
                new DatagramReader(copy, 8, true).next().orElseThrow();
        pair.toServer.send(first, 0);
        pair.runUntil(pair::isConfirmed);

        var answer = ByteBuffer.wrap(UnsealedPackets.versionNegotiation(other, List.of(0x6b3343cf), 0));
        pair.client.receive(answer, NetworkPath.to(Pair.SERVER), Ecn.NOT_ECT, pair.nowNanos);

        assertThat(pair.client.isOver()).isFalse();
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
    void aHandshakeThatDoesNotEndIsOverAfterAWhile() {
        var defaults = ConnectionConfig.defaults(Pair.TIME_ZERO);
        var patient = new ConnectionConfig(
                Duration.ofMinutes(10),
                defaults.keepAlive(),
                defaults.streams(),
                defaults.datagramBytes(),
                defaults.addressDiscovery(),
                true,
                defaults.initialRtt(),
                Duration.ofSeconds(20),
                Optional.empty(),
                Pair.TIME_ZERO,
                defaults.traces());
        var pair =
                new Pair(1, 20, Wire.Faults.NONE, patient, Pair.serverConfig().build(), Optional.empty());
        pair.runUntil(() -> pair.server.isPresent());

        pair.toServer.cut();
        pair.runUntil(() -> pair.client.isOver() && pair.server().isOver());

        assertThat(pair.clientEvents).contains(new ConnectionEvent.Closed(new CloseCause.Late()));
        assertThat(pair.serverEvents).contains(new ConnectionEvent.Closed(new CloseCause.Late()));
        assertThat(pair.nowNanos / 1_000_000_000).isBetween(20L, 21L);
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
