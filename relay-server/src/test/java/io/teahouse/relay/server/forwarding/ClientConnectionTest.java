package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayFrame.Ping;
import io.teahouse.relay.protocol.RelayFrame.Pong;
import io.teahouse.relay.protocol.RelayFrame.Status;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.websocket.Opcode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an admitted client meets as time passes: an embedded one, whose minutes take no wall time. */
class ClientConnectionTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** How much later than its time a timer of the loop may fire. */
    private static final Duration TICK = Duration.ofMillis(100);

    private EmbeddedRelay relay = new EmbeddedRelay(1);

    @AfterEach
    void nothingIsLeft() {
        relay.close();
    }

    // ---- pings ---------------------------------------------------------------------------------------------------

    @Test
    void aSilentClientIsPingedAndGivenUpWhenItDoesNotAnswer() throws Exception {
        var client = relay.connect();
        relay.pass(Duration.ofSeconds(16).minusMillis(1));
        assertThat(client.received()).isEmpty();

        relay.pass(Duration.ofSeconds(4).plus(TICK));
        assertThat(client.received()).hasSize(1).first().isInstanceOf(Ping.class);

        relay.pass(Duration.ofSeconds(5).plus(TICK));
        assertThat(client.isConnected()).isFalse();
        assertThat(relay.count(RelayCounter.PING_TIMEOUTS)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.WRITE_TIMEOUTS)).isZero();
        assertThat(relay.count(RelayCounter.DISCONNECTS)).isEqualTo(1);
    }

    @Test
    void aClientThatAnswersStays() throws Exception {
        var client = relay.connect();
        int pings = 0;
        for (int i = 0; i < 1200; i++) {
            relay.pass(TICK);
            for (var frame : client.received()) {
                pings++;
                client.send(new Pong(((Ping) frame).payload()));
            }
        }

        assertThat(client.isConnected()).isTrue();
        assertThat(pings).isBetween(5, 7);
    }

    @Test
    void textAndWebSocketPingsDoNotPutThePingOff() throws Exception {
        var client = relay.connect();
        for (int i = 0; i < 20; i++) {
            client.sendFrame(Opcode.TEXT, (byte) 'x');
            client.sendFrame(Opcode.PING);
            client.sendFrame(Opcode.PONG);
            relay.pass(SECOND);
        }
        relay.pass(TICK);

        assertThat(client.received()).hasSize(1).first().isInstanceOf(Ping.class);
    }

    @Test
    void framesPutThePingOffForAMinute() throws Exception {
        var client = relay.connect();
        for (int i = 0; i < 59; i++) {
            client.send(new Ping(i));
            relay.pass(SECOND);
        }
        assertThat(client.received()).hasSize(59).allMatch(Pong.class::isInstance);

        client.send(new Ping(59));
        relay.pass(SECOND.plus(TICK));

        assertThat(client.received()).hasSize(2).anyMatch(Ping.class::isInstance);
    }

    @Test
    void aWebSocketPingIsAnsweredWithItsPayload() {
        var client = relay.connect();
        client.sendFrame(Opcode.PING, (byte) 1, (byte) 2);

        assertThat(client.receivedMessages()).isEmpty();
        assertThat(client.otherFrames()).containsExactly(new byte[] {(byte) 0x8A, 1, 2});
    }

    // ---- a client that does not read -----------------------------------------------------------------------------

    @Test
    void aClientThatTakesNoByteFor2SecondsIsGivenUpThoughMoreComesForIt() {
        var client = relay.connect();
        var sender = relay.connect();
        client.stall(true);
        for (int i = 0; i < 19; i++) {
            send(sender, client, 100);
            relay.pass(TICK);
        }
        assertThat(client.isConnected()).isTrue();

        send(sender, client, 100);
        relay.pass(TICK.multipliedBy(2));

        assertThat(client.isConnected()).isFalse();
        assertThat(relay.count(RelayCounter.WRITE_TIMEOUTS)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.PING_TIMEOUTS)).isZero();
        assertThat(sender.isConnected()).isTrue();
    }

    @Test
    void aClientThatTakesALittleNowAndThenStays() throws Exception {
        var client = relay.connect();
        var sender = relay.connect();
        client.stall(true);
        for (int i = 0; i < 10; i++) {
            send(sender, client, 60_000);
            send(sender, client, 60_000);
            relay.pass(SECOND);
            client.take(1);
        }

        assertThat(client.isConnected()).isTrue();
        assertThat(client.received()).hasSizeBetween(9, 10);
        // What waits longer is of no use to anybody.
        assertThat(relay.count(RelayCounter.DROPPED_TOO_OLD)).isPositive();
    }

    @Test
    void pingsOfAClientThatDoesNotReadHoldNoMoreThanTheLimits() throws Exception {
        var client = relay.connect();
        client.stall(true);
        for (int i = 0; i < 100_000; i++) {
            client.send(new Ping(i));
            client.sendFrame(Opcode.PING, new byte[125]);
            if (i % 100 == 0) {
                relay.turn();
            }
        }
        assertThat(client.pendingBytes()).isLessThan(256 * 1024);

        client.stall(false);

        assertThat(client.received()).contains(new Pong(99_999));
    }

    @Test
    void whatWaitsIsWrittenWhenTheClientReadsAgain() throws Exception {
        var client = relay.connect();
        var sender = relay.connect();
        client.stall(true);
        for (int i = 0; i < 300; i++) {
            send(sender, client, 1000);
            relay.turn();
        }
        assertThat(client.pendingBytes()).isLessThan(128 * 1024 + 2 * 1050);

        client.stall(false);

        assertThat(client.received()).hasSize(300);
        assertThat(client.pendingBytes()).isZero();
    }

    // ---- rates ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void aClientThatSendsTooMuchIsReadFromMoreSlowlyAndToldOnce(ProtocolVersion version) throws Exception {
        relay.close();
        relay = new EmbeddedRelay(1, AccessControl.everyone(), Optional.of(new ReceiveLimit(10_000, 1_000)));
        var client = relay.connect(EmbeddedRelay.newId(), 0, version);
        var told = version == ProtocolVersion.V2
                ? new RelayFrame[] {new Status(Status.RATE_LIMITED)}
                : new RelayFrame[] {};

        send(client, client, 2000);
        assertThat(client.isRead()).isFalse();
        assertThat(client.received().stream().filter(Status.class::isInstance))
                .containsExactly(Arrays.copyOf(told, told.length, RelayFrame.FromRelay[].class));

        relay.pass(Duration.ofMillis(100));
        assertThat(client.isRead()).isFalse();
        relay.pass(Duration.ofMillis(300));
        assertThat(client.isRead()).isTrue();

        send(client, client, 2000);
        assertThat(client.isRead()).isFalse();
        assertThat(client.received()).hasSize(1).noneMatch(Status.class::isInstance);
        assertThat(relay.count(RelayCounter.CONNS_RX_RATELIMITED)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.BYTES_RX_RATELIMITED)).isEqualTo(2 * (2000 + 34 + 8));
    }

    @Test
    void aLimitMayBeSetChangedAndTakenAwayWhileClientsAreThere() throws Exception {
        var client = relay.connect();
        send(client, client, 50_000);
        assertThat(client.isRead()).isTrue();

        relay.service.setClientReceiveLimit(Optional.of(new ReceiveLimit(10_000, 1_000)));
        relay.turn();
        send(client, client, 50_000);
        assertThat(client.isRead()).isFalse();

        relay.service.setClientReceiveLimit(Optional.empty());
        relay.turn();
        assertThat(client.isRead()).isTrue();
        send(client, client, 50_000);
        assertThat(client.isRead()).isTrue();
        relay.pass(SECOND);
        assertThat(client.received()).hasSize(4);
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    @Test
    void aCloseFrameIsAnsweredWithItsCodeAndEndsTheConnection() {
        var client = relay.connect();
        client.sendFrame(Opcode.CLOSE, (byte) 0x03, (byte) 0xE8, (byte) 'x');
        relay.turn();

        assertThat(client.connection.isOver()).isTrue();
        assertThat(client.receivedMessages()).isEmpty();
        assertThat(client.otherFrames()).containsExactly(new byte[] {(byte) 0x88, 0x03, (byte) 0xE8});
        assertThat(relay.count(RelayCounter.DISCONNECTS)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.PROTOCOL_ERRORS)).isZero();
    }

    @Test
    void aClientThatDoesNotCloseInItsTurnIsClosedAfterASecond() {
        var client = relay.connect();
        client.sendFrame(Opcode.CLOSE);
        relay.pass(Duration.ofMillis(900));
        assertThat(client.isConnected()).isTrue();

        relay.pass(TICK.multipliedBy(2));

        assertThat(client.isConnected()).isFalse();
        assertThat(relay.count(RelayCounter.HTTP_CONNECTIONS_CLOSED)).isEqualTo(1);
    }

    @Test
    void aBreachEndsTheConnectionWithACodeAndAReasonAfterWhatWasDueBefore() throws Exception {
        var client = relay.connect();
        client.send(new Ping(7));
        client.sendMessage(new byte[] {42});
        client.send(new Ping(8));

        assertThat(client.received()).containsExactly(new Pong(7));
        assertThat(client.otherFrames()).hasSize(1);
        var close = ByteBuffer.wrap(client.otherFrames().getFirst());
        assertThat(close.get()).isEqualTo((byte) 0x88);
        assertThat(close.getShort()).isEqualTo((short) 1002);
        assertThat(close.remaining()).isPositive();
        assertThat(relay.count(RelayCounter.PROTOCOL_ERRORS)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.UNKNOWN_FRAMES)).isEqualTo(1);
    }

    private static void send(EmbeddedRelay.Client from, EmbeddedRelay.Client to, int contents) {
        from.send(new RelayFrame.SendDatagrams(to.id(), new Datagrams(0, 0, ByteBuffer.allocate(contents))));
    }
}
