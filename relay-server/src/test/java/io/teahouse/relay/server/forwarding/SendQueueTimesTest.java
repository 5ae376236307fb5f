package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.metrics.RelayHistogram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is measured of the time that datagrams take. */
class SendQueueTimesTest {
    private static final long MILLI = 1_000_000;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    private final LoopCounters counters = new LoopCounters();
    private final Receiver receiver = new Receiver(allocator, new BacklogMemory(100_000_000), counters);
    private final SendQueue queue = receiver.queue;

    @AfterEach
    void whatWasSentWasMeasured() {
        queue.close();
        assertThat(count(RelayHistogram.FORWARDING)).isEqualTo(counters.get(RelayCounter.SEND_PACKETS_SENT));
    }

    private long count(RelayHistogram histogram) {
        return LoopCounters.count(List.of(counters), histogram);
    }

    private long millis(RelayHistogram histogram) {
        return LoopCounters.sumNanos(List.of(counters), histogram) / MILLI;
    }

    private void turn(long nowMillis) {
        queue.drain(nowMillis * MILLI);
        queue.measureTurn(nowMillis * MILLI);
    }

    @Test
    void theFirstOfATurnStandsForAll() {
        receiver.send(1, 1200, 10 * MILLI);
        receiver.send(2, 1200, 12 * MILLI);
        turn(15);

        assertThat(count(RelayHistogram.FORWARDING)).isEqualTo(2);
        assertThat(millis(RelayHistogram.FORWARDING)).isEqualTo(2 * 5);
        assertThat(count(RelayHistogram.QUEUE_RESIDENCE)).isZero();
        turn(20);
        assertThat(count(RelayHistogram.FORWARDING)).isEqualTo(2);
    }

    @Test
    void whatFillsABatchWithinTheTurnIsMeasuredAtItsEndWithTheRest() {
        for (int i = 0; i < 200; i++) {
            receiver.send(1, 1200, 10 * MILLI);
        }
        receiver.sendWhole(2, 30_000, 11 * MILLI);
        receiver.sendBatch(100, 11 * MILLI, 3, 4);
        turn(20);

        assertThat(count(RelayHistogram.FORWARDING)).isEqualTo(203);
        assertThat(millis(RelayHistogram.FORWARDING)).isEqualTo(203 * 10);
    }

    @Test
    void whatHadToWaitForTheReceiverHasItsOwnTime() {
        receiver.letThrough(0);
        for (int i = 0; i < 60; i++) {
            receiver.send(1, 1200, 10 * MILLI);
        }
        turn(10);
        int first = receiver.nextNumber();
        receiver.sendWhole(1, 1200, 20 * MILLI);
        receiver.sendBatch(1200, 30 * MILLI, 1);
        receiver.sendWhole(1, 30_000, 40 * MILLI);
        assertThat(count(RelayHistogram.FORWARDING)).isZero();

        receiver.letThrough(Long.MAX_VALUE);
        turn(50);

        assertThat(first).isEqualTo(60);
        long expected = 60 * 40 + 30 + 20 + 10;
        assertThat(count(RelayHistogram.QUEUE_RESIDENCE)).isEqualTo(63);
        assertThat(millis(RelayHistogram.QUEUE_RESIDENCE)).isEqualTo(expected);
        assertThat(count(RelayHistogram.FORWARDING)).isEqualTo(63);
        assertThat(millis(RelayHistogram.FORWARDING)).isEqualTo(expected);
    }

    @Test
    void whatIsDroppedIsNotMeasured() {
        receiver.letThrough(0);
        receiver.send(1, 1200, 0);
        turn(0);
        turn(3000);

        assertThat(counters.get(RelayCounter.DROPPED_TOO_OLD)).isEqualTo(1);
        assertThat(count(RelayHistogram.FORWARDING)).isZero();
        assertThat(count(RelayHistogram.QUEUE_RESIDENCE)).isZero();
    }

    @Test
    void bytesThatWereHandedOnAreCountedForTheReceiverToo() {
        receiver.send(1, 1200, 0);
        receiver.sendWhole(1, 30_000, 0);
        turn(0);

        assertThat(queue.sentBytes()).isEqualTo(31_200).isEqualTo(counters.get(RelayCounter.BYTES_SENT));
    }
}
