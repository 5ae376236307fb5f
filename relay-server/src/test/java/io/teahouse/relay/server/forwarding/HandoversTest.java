package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.metrics.RelayHistogram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagrams from one event loop to receivers of another, whose turns are taken one at a time. */
class HandoversTest {
    private final EmbeddedRelay relay = new EmbeddedRelay(2);
    private final EmbeddedRelay.Client sender = relay.connect(EmbeddedRelay.newId(), 0);
    private final EmbeddedRelay.Client receiver = relay.connect(EmbeddedRelay.newId(), 1);
    private int numbers;

    @AfterEach
    void everyDatagramThatCameWasSentOrDropped() {
        relay.close();
        assertThat(relay.count(RelayHistogram.FORWARDING)).isEqualTo(relay.count(RelayCounter.SEND_PACKETS_SENT));
        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT) + relay.count(RelayCounter.SEND_PACKETS_DROPPED))
                .isEqualTo(relay.count(RelayCounter.SEND_PACKETS_RECV))
                .isEqualTo(numbers);
    }

    @Test
    void smallAndLargeDatagramsKeepTheirOrder() throws Exception {
        for (int i = 0; i < 30; i++) {
            send(receiver, 1000, 1_000_000);
            send(receiver, 30_000, 20_000);
            send(receiver, 30_000, 1_000_000);
        }

        assertThat(received(receiver)).isEqualTo(range(0, 90));
    }

    @Test
    void nothingComesBeforeTheSendersTurnIsOverAndTheReceiversHasBegun() throws Exception {
        send(receiver, 1000, 1_000_000);

        relay.turn(1);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT)).isZero();
        relay.turn(0);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT)).isZero();
        relay.turn(1);

        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(1);
        assertThat(received(receiver)).containsExactly(0);
    }

    @Test
    void tooMuchOnItsWayToALoopThatDoesNotTakeItIsDropped() throws Exception {
        while (relay.count(RelayCounter.DROPPED_QUEUE_FULL) == 0 && numbers < 1000) {
            send(receiver, 30_000, 1_000_000);
            relay.turn(0);
        }
        int underWay = numbers - 1;
        assertThat(underWay * 30_000L)
                .isBetween(
                        (long) ForwardingLoop.MAX_HANDOVER_BYTES - 30_000, ForwardingLoop.MAX_HANDOVER_BYTES + 30_100L);

        assertThat(received(receiver)).isEqualTo(range(0, underWay));

        // And then there is room for as much again.
        for (int i = 0; i < underWay; i++) {
            send(receiver, 30_000, 1_000_000);
            relay.turn(0);
        }
        assertThat(received(receiver)).isEqualTo(range(underWay + 1, numbers));
    }

    @Test
    void whatComesForAReceiverThatHasGoneIsDroppedAndGivenBack() {
        send(receiver, 1000, 1_000_000);
        send(receiver, 30_000, 20_000);
        relay.turn(0);
        receiver.connection.abort("test");

        relay.turn();

        assertThat(relay.count(RelayCounter.DROPPED_RECEIVER_GONE)).isEqualTo(2);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(2);
    }

    @Test
    void aReceiverThatTakesNothingIsHeldToItsLimits() throws Exception {
        receiver.stall(true);
        for (int i = 0; i < 1500; i++) {
            send(receiver, 1000, 1_000_000);
            relay.turn();
        }
        long dropped = relay.count(RelayCounter.DROPPED_QUEUE_FULL);
        assertThat(dropped).isBetween(1500L - QueueLimits.MAX_FRAMES - 200, 1500L - QueueLimits.MAX_FRAMES);

        receiver.stall(false);

        var received = received(receiver);
        assertThat(received).hasSize((int) (1500 - dropped)).isSorted();
        assertThat(received.subList(received.size() - QueueLimits.MAX_FRAMES, received.size()))
                .isEqualTo(range(1500 - QueueLimits.MAX_FRAMES, 1500));
    }

    @Test
    void everyReceiverOfALoopGetsItsOwn() throws Exception {
        var other = relay.connect(EmbeddedRelay.newId(), 1);
        for (int i = 0; i < 100; i++) {
            send(i % 2 == 0 ? receiver : other, i % 7 == 0 ? 20_000 : 100, 15_000);
        }

        assertThat(received(receiver))
                .isEqualTo(IntStream.range(0, 50).mapToObj(i -> 2 * i).toList());
        assertThat(received(other))
                .isEqualTo(IntStream.range(0, 50).mapToObj(i -> 2 * i + 1).toList());
    }

    private void send(EmbeddedRelay.Client to, int contents, int pieceBytes) {
        var numbered = ByteBuffer.allocate(contents).putInt(0, numbers++);
        sender.sendMessage(
                FrameCodec.encode(new RelayFrame.SendDatagrams(to.id(), new Datagrams(0, 0, numbered))), pieceBytes);
    }

    private static List<Integer> received(EmbeddedRelay.Client client) throws Exception {
        var received = new ArrayList<Integer>();
        for (var frame : client.received()) {
            received.add(((ReceivedDatagrams) frame).datagrams().contents().getInt(0));
        }
        return received;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
