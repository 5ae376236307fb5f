package io.teahouse.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.frame.ConnectionFrame;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** How a connection ends, and messages that nobody takes; times are in nanoseconds. */
class EndOfConnectionTest {
    private static final ConnectionFrame CLOSE = new ConnectionFrame.ApplicationClose(7, ByteBuffer.allocate(0));
    private static final ConnectionFrame ANSWER = new ConnectionFrame.TransportClose(0, 0, ByteBuffer.allocate(0));

    private final ClosingState closing = new ClosingState();

    private int answersTo(int packets) {
        int answers = 0;
        for (int packet = 0; packet < packets; packet++) {
            closing.onPacket();
            answers += closing.pollFrame().isPresent() ? 1 : 0;
        }
        return answers;
    }

    @Test
    void whoClosesSaysSoAndWaitsForThreeProbeTimeouts() {
        closing.close(CLOSE, 100, 1000);

        assertThat(closing.state()).isEqualTo(ClosingState.State.CLOSING);
        assertThat(closing.pollFrame()).contains(CLOSE);
        assertThat(closing.pollFrame()).isEmpty();
        closing.handleDeadline(1299);
        assertThat(closing.state()).isEqualTo(ClosingState.State.CLOSING);
        closing.handleDeadline(1300);
        assertThat(closing.state()).isEqualTo(ClosingState.State.CLOSED);
        assertThat(closing.deadlineNanos()).isEqualTo(ClosingState.NEVER);
    }

    @Test
    void whatStillComesIsAnsweredEverMoreSeldom() {
        closing.close(CLOSE, 100, 0);
        closing.pollFrame();

        assertThat(answersTo(1)).isOne();
        assertThat(answersTo(2)).isOne();
        assertThat(answersTo(3)).isZero();
        assertThat(answersTo(1)).isOne();
        assertThat(answersTo(1000)).isLessThan(9);
    }

    @Test
    void thePeersCloseIsAnsweredOnce() {
        closing.onPeerClosed(ANSWER, 100, 0);

        assertThat(closing.state()).isEqualTo(ClosingState.State.DRAINING);
        assertThat(closing.pollFrame()).contains(ANSWER);
        assertThat(answersTo(10)).isZero();
        closing.onPeerClosed(ANSWER, 100, 50);
        assertThat(closing.pollFrame()).isEmpty();
        assertThat(closing.deadlineNanos()).isEqualTo(300);
    }

    @Test
    void whenBothCloseNobodyAnswers() {
        closing.close(CLOSE, 100, 0);

        closing.onPeerClosed(ANSWER, 100, 10);

        assertThat(closing.state()).isEqualTo(ClosingState.State.DRAINING);
        assertThat(closing.pollFrame()).isEmpty();
        assertThat(closing.deadlineNanos()).isEqualTo(300);
    }

    @Test
    void onlyTheFirstCloseCounts() {
        closing.close(CLOSE, 100, 0);
        closing.close(ANSWER, 100, 50);

        assertThat(closing.pollFrame()).contains(CLOSE);
        assertThat(closing.deadlineNanos()).isEqualTo(300);
    }

    @Test
    void whoIsGoneIsToldNothing() {
        closing.close(CLOSE, 100, 0);

        closing.onGone();

        assertThat(closing.pollFrame()).isEmpty();
        closing.onPeerClosed(ANSWER, 100, 10);
        assertThat(closing.state()).isEqualTo(ClosingState.State.CLOSED);
        assertThat(closing.pollFrame()).isEmpty();
    }

    @Test
    void messagesGoInOrderAndTheOldestMakesRoom() {
        var queue = new DatagramQueue(3 * (10 + DatagramQueue.OVERHEAD_BYTES));
        for (byte message = 0; message < 5; message++) {
            queue.add(ByteBuffer.wrap(new byte[10]).put(0, message));
        }

        assertThat(queue.dropped()).isEqualTo(2);
        assertThat(queue.nextLength()).contains(10);
        assertThat(queue.poll().orElseThrow().get(0)).isEqualTo((byte) 2);
        assertThat(queue.poll().orElseThrow().get(0)).isEqualTo((byte) 3);
        queue.add(ByteBuffer.allocate(10));
        assertThat(queue.poll().orElseThrow().get(0)).isEqualTo((byte) 4);
        assertThat(queue.poll()).isPresent();
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.nextLength()).isEmpty();
        assertThat(queue.dropped()).isEqualTo(2);
    }

    @Test
    void evenEmptyMessagesTakeRoom() {
        var queue = new DatagramQueue(1000);
        for (int message = 0; message < 100; message++) {
            queue.add(ByteBuffer.allocate(0));
        }

        assertThat(queue.dropped()).isEqualTo(100 - 1000 / DatagramQueue.OVERHEAD_BYTES);
    }

    @Test
    void aMessageThatIsLargerThanTheQueueIsDroppedAlone() {
        var queue = new DatagramQueue(200);
        queue.add(ByteBuffer.allocate(10));

        queue.add(ByteBuffer.allocate(200));

        assertThat(queue.dropped()).isOne();
        assertThat(queue.nextLength()).contains(10);
    }

    @Test
    void aMessageIsACopy() {
        var queue = new DatagramQueue(200);
        var message = ByteBuffer.wrap(new byte[] {1});
        queue.add(message);
        message.put(0, (byte) 2);

        assertThat(queue.poll()).contains(ByteBuffer.wrap(new byte[] {1}));
        assertThat(message.remaining()).isOne();
    }
}
