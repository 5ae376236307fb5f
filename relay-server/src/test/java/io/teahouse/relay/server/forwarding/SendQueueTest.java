package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.server.forwarding.TestFrames.Seen;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fills a {@link SendQueue} by hand, opens and shuts its outlet, and moves its clock. */
class SendQueueTest {
    private static final long SECOND = 1_000_000_000L;
    private static final byte STATUS = 13;
    private static final byte GONE = 8;

    /** Bytes of a frame that holds this many bytes of contents: header, type, id and ECN go with them. */
    private static final int OVERHEAD = 4 + 34;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    private final LoopCounters counters = new LoopCounters();
    private final BacklogMemory memory = new BacklogMemory(100_000_000);
    private final Receiver receiver = new Receiver(allocator, memory, counters);
    private final SendQueue queue = receiver.queue;

    @AfterEach
    void nothingIsLeftWhenItIsClosed() {
        queue.close();
        queue.close();

        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(memory.bytes()).isZero();
        assertThat(count(RelayCounter.SEND_PACKETS_SENT) + count(RelayCounter.SEND_PACKETS_DROPPED))
                .isEqualTo(receiver.nextNumber());
    }

    // ---- while the receiver keeps up -----------------------------------------------------------------------------

    @Test
    void whatComesInOneTurnLeavesInOneBatch() {
        for (int i = 0; i < 40; i++) {
            receiver.send(1 + i % 3, 1200, 0);
        }
        assertThat(receiver.seen()).isEmpty();

        assertThat(queue.drain(0)).isTrue();

        assertThat(receiver.batchBytes()).hasSize(1);
        assertThat(numbers(receiver.seen())).isEqualTo(range(0, 40));
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.drain(0)).isFalse();
        assertThat(count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(40);
        assertThat(count(RelayCounter.BYTES_SENT)).isEqualTo(40 * 1200);
        assertThat(memory.bytes()).isZero();
    }

    @Test
    void aBatchIsFilledUpTo64KiBAndTheNextBegun() {
        for (int i = 0; i < 200; i++) {
            receiver.send(1, 1200, 0);
        }
        queue.drain(0);

        assertThat(numbers(receiver.seen())).isEqualTo(range(0, 200));
        assertThat(receiver.batchBytes()).hasSize(4);
        assertThat(receiver.batchBytes().subList(0, 3))
                .allMatch(bytes -> bytes > QueueLimits.BATCH_BYTES - (1200 + OVERHEAD));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 91, 92, 200, 16_346, 16_347, 16_348, 20_000, 65_500, 65_501, 65_502})
    void framesOfAllSizesKeepTheirOrder(int contents) {
        for (int i = 0; i < 5; i++) {
            receiver.send(1, 100, 0);
            receiver.send(2, contents, 0);
            receiver.sendWhole(3, contents, 0);
            receiver.sendBatch(contents, 0, 4, 6);
        }
        queue.drain(0);

        assertThat(numbers(receiver.seen())).isEqualTo(range(0, 25));
        assertThat(count(RelayCounter.BYTES_SENT)).isEqualTo(5 * (100L + 4L * contents));
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isZero();
    }

    @Test
    void aLargeFrameIsHandedOnAsItIs() {
        receiver.send(1, 100, 0);
        receiver.sendWhole(2, 60_000, 0);
        receiver.send(1, 100, 0);
        queue.drain(0);

        assertThat(receiver.batchBytes()).containsExactly(100 + OVERHEAD, 60_000 + OVERHEAD, 100 + OVERHEAD);
    }

    @Test
    void controlFramesLeaveWithTheDatagramsAroundThem() {
        receiver.send(1, 100, 0);
        queue.addControl(TestFrames.control(STATUS, 1), 0);
        receiver.send(1, 100, 0);
        queue.addGone(TestFrames.control(GONE, 1), 0);
        queue.drain(0);

        assertThat(receiver.batchBytes()).hasSize(1);
        assertThat(receiver.seen())
                .containsExactly(
                        new Seen.Datagram(1, 0, 100),
                        new Seen.Control(STATUS, 1),
                        new Seen.Datagram(1, 1, 100),
                        new Seen.Control(GONE, 1));
        assertThat(count(RelayCounter.OTHER_PACKETS_SENT)).isEqualTo(2);
    }

    @Test
    void controlFramesKeepTheirOrderWhenTheBatchIsFull() {
        queue.addControl(TestFrames.control(STATUS, 1), 0);
        for (int i = 0; i < 4; i++) {
            receiver.send(1, 16_000 - OVERHEAD, 0);
        }
        int controlBytes = 2 + TestFrames.control(STATUS, 1).length;
        receiver.send(1, QueueLimits.BATCH_BYTES - controlBytes - 4 * 16_000 - OVERHEAD, 0);
        queue.addControl(TestFrames.control(STATUS, 0), 0);
        assertThat(receiver.seen()).as("all in one full batch").isEmpty();
        queue.drain(0);

        assertThat(receiver.controls()).containsExactly(new Seen.Control(STATUS, 1), new Seen.Control(STATUS, 0));
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isZero();
    }

    @Test
    void controlFramesKeepTheirOrderWhenTheOutletShutsBetweenThem() {
        queue.addControl(TestFrames.control(STATUS, 1), 0);
        receiver.letThrough(0);
        queue.addControl(TestFrames.control(STATUS, 0), 0);
        receiver.letThrough(1_000_000);
        queue.drain(0);

        assertThat(receiver.controls()).containsExactly(new Seen.Control(STATUS, 1), new Seen.Control(STATUS, 0));
    }

    // ---- while it does not ---------------------------------------------------------------------------------------

    @Test
    void aReceiverThatTakesNothingGetsEverythingInOrderOnceItDoes() {
        receiver.letThrough(0);
        for (int i = 0; i < 300; i++) {
            switch (i % 3) {
                case 0 -> receiver.send(1, 1200, i);
                case 1 -> receiver.sendWhole(2, 1200, i);
                default -> receiver.sendBatch(1200, i, 3, 4);
            }
        }
        queue.drain(1000);
        assertThat(receiver.seen()).isEmpty();

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(SECOND);

        assertThat(numbers(receiver.seen())).isEqualTo(range(0, 400));
        assertThat(count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(400);
        assertThat(count(RelayCounter.BYTES_SENT)).isEqualTo(400 * 1200);
        assertThat(receiver.batchBytes()).hasSizeLessThan(400 * (1200 + OVERHEAD) / QueueLimits.BATCH_BYTES + 3);
        assertThat(memory.bytes()).isZero();
    }

    @Test
    void aReceiverThatTakesALittleGetsThePartInFront() {
        receiver.letThrough(0);
        for (int i = 0; i < 300; i++) {
            receiver.send(1, 1200, 0);
        }

        for (int i = 0; i < 4; i++) {
            receiver.letThrough(1);
            queue.drain(0);
            assertThat(receiver.batchBytes()).hasSize(i + 1);
        }

        assertThat(numbers(receiver.seen())).isEqualTo(range(0, receiver.seen().size()));
        assertThat(count(RelayCounter.SEND_PACKETS_SENT))
                .isEqualTo(receiver.seen().size());
    }

    @Test
    void nothingLeavesWhileTheOutletIsShut() {
        receiver.letThrough(0);
        receiver.send(1, 100, 0);
        queue.addControl(TestFrames.control(STATUS, 1), 0);

        assertThat(queue.drain(0)).isFalse();

        assertThat(receiver.seen()).isEmpty();
        assertThat(queue.isEmpty()).isFalse();
    }

    @Test
    void atMost512FramesWaitBehindTheBatchAndTheOldestGoesFirst() {
        receiver.letThrough(0);
        int inBatch = fillBatch();
        int sent = receiver.nextNumber();
        for (int i = 0; i < 600; i++) {
            receiver.send(1, 100, 0);
        }
        assertThat(count(RelayCounter.DROPPED_QUEUE_FULL)).isEqualTo(600 - QueueLimits.MAX_FRAMES);

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        assertThat(receiver.numbersFrom(1).subList(0, inBatch)).isEqualTo(range(0, inBatch));
        assertThat(receiver.numbersFrom(1).subList(inBatch, inBatch + QueueLimits.MAX_FRAMES))
                .isEqualTo(range(sent + 600 - QueueLimits.MAX_FRAMES, sent + 600));
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(600 - QueueLimits.MAX_FRAMES);
    }

    @Test
    void atMost2500000BytesWaitBehindTheBatch() {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < 100; i++) {
            receiver.send(1, 50_000, 0);
            assertThat(queue.backlogBytes()).isLessThanOrEqualTo(QueueLimits.MAX_BYTES);
        }

        int fit = QueueLimits.MAX_BYTES / (50_000 + OVERHEAD);
        assertThat(queue.backlogBytes()).isEqualTo(fit * (50_000 + OVERHEAD));
        assertThat(count(RelayCounter.DROPPED_QUEUE_FULL)).isEqualTo(100 - fit);
    }

    @Test
    void aSenderMayHave256FramesOr2MegabytesUnderWay() {
        receiver.letThrough(0);
        for (int i = 0; i < 256; i++) {
            receiver.send(1, 1200, 0);
        }
        for (int i = 0; i < 30; i++) {
            receiver.send(1, 65_000, 0);
        }

        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isZero();
    }

    @Test
    void whatHasWaitedFor2SecondsIsDropped() {
        receiver.letThrough(0);
        fillBatch();
        int old = receiver.nextNumber();
        receiver.send(1, 1200, SECOND);
        receiver.send(2, 1200, 2 * SECOND);
        receiver.sendWhole(3, 1200, 3 * SECOND);

        queue.dropTooOld(2 * SECOND);
        assertThat(count(RelayCounter.DROPPED_TOO_OLD)).isZero();
        queue.dropTooOld(2 * SECOND + 1);
        assertThat(count(RelayCounter.DROPPED_TOO_OLD)).isEqualTo(old);
        queue.dropTooOld(3 * SECOND);
        assertThat(count(RelayCounter.DROPPED_TOO_OLD)).isEqualTo(old);
        queue.dropTooOld(3 * SECOND + 1);
        assertThat(count(RelayCounter.DROPPED_TOO_OLD)).isEqualTo(old + 1);

        receiver.letThrough(1_000_000);
        queue.drain(4 * SECOND + 1);

        assertThat(receiver.seen()).containsExactly(new Seen.Datagram(3, old + 2, 1200));
        assertThat(count(RelayCounter.DROPPED_TOO_OLD)).isEqualTo(old + 2);
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(old + 2);
        assertThat(memory.bytes()).isZero();
    }

    @Test
    void controlFramesGoBeforeAllDatagramsThatWait() {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < 500; i++) {
            receiver.send(1, 1200, 0);
        }
        queue.addGone(TestFrames.control(GONE, 1), 0);
        queue.addControl(TestFrames.control(STATUS, 1), 0);
        queue.addControl(TestFrames.control(STATUS, 0), 0);
        queue.addGone(TestFrames.control(GONE, 2), 0);

        receiver.letThrough(1);
        queue.drain(0);

        assertThat(receiver.seen())
                .containsExactly(
                        new Seen.Control(STATUS, 1),
                        new Seen.Control(STATUS, 0),
                        new Seen.Control(GONE, 1),
                        new Seen.Control(GONE, 2));
    }

    @Test
    void aControlFrameThatComesWhileTheBacklogEmptiesIsBehindOneBatchAtMost() {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < 500; i++) {
            receiver.send(1, 1200, 0);
        }
        for (int i = 0; i < 5; i++) {
            receiver.letThrough(1);
            queue.drain(0);
            int batches = receiver.batchBytes().size();
            queue.addControl(TestFrames.control(STATUS, i), 0);

            receiver.letThrough(1);
            queue.drain(0);

            assertThat(receiver.controls()).hasSize(i + 1);
            assertThat(receiver.batchBytes()).hasSize(batches + 1);
        }
    }

    @Test
    void controlFramesAreNotDroppedForTheirAgeNorDatagramsWithThem() {
        queue.addControl(TestFrames.control(STATUS, 1), 0);
        receiver.letThrough(0);
        queue.addControl(TestFrames.control(STATUS, 2), 0);
        queue.addGone(TestFrames.control(GONE, 3), 0);

        receiver.letThrough(1_000_000);
        queue.drain(10 * SECOND);

        assertThat(receiver.controls()).hasSize(3);
    }

    @Test
    void controlFramesAreBoundedAndTheOldestGoesFirst() {
        receiver.letThrough(0);
        for (int i = 0; i < QueueLimits.MAX_CONTROL_FRAMES + 5; i++) {
            queue.addControl(TestFrames.control(STATUS, i), 0);
        }
        for (int i = 0; i < QueueLimits.MAX_GONE_FRAMES + 7; i++) {
            queue.addGone(TestFrames.control(GONE, i), 0);
        }
        assertThat(count(RelayCounter.OTHER_PACKETS_DROPPED)).isEqualTo(5 + 7);

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        assertThat(receiver.controls())
                .hasSize(QueueLimits.MAX_CONTROL_FRAMES + QueueLimits.MAX_GONE_FRAMES)
                .startsWith(new Seen.Control(STATUS, 5))
                .endsWith(new Seen.Control(GONE, QueueLimits.MAX_GONE_FRAMES + 6));
        assertThat(count(RelayCounter.OTHER_PACKETS_SENT))
                .isEqualTo(QueueLimits.MAX_CONTROL_FRAMES + QueueLimits.MAX_GONE_FRAMES);
    }

    // ---- fairness ------------------------------------------------------------------------------------------------

    @Test
    void whoeverKeepsToItsShareLosesNothingToOneThatFloods() {
        receiver.letThrough(0);
        fillBatch();
        int share = QueueLimits.MAX_FRAMES / 50;
        for (int i = 0; i < share; i++) {
            for (int sender = 1; sender < 50; sender++) {
                receiver.send(1000, 100, 0);
                receiver.send(sender + 1, 100, 0);
                receiver.sendBatch(100, 0, 1000, 1000, 1000);
            }
        }

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        for (int sender = 1; sender < 50; sender++) {
            assertThat(receiver.numbersFrom(sender + 1))
                    .as("from %d", sender + 1)
                    .hasSize(share);
        }
        assertThat(receiver.numbersFrom(1000)).hasSize(QueueLimits.MAX_FRAMES - 49 * share);
        assertThat(numbers(receiver.seen())).isSorted();
    }

    @Test
    void whoeverKeepsToItsShareOfBytesLosesNothingToOneThatFloods() {
        receiver.letThrough(0);
        fillBatch();
        int share = QueueLimits.MAX_BYTES / 5 / (20_000 + OVERHEAD);
        for (int i = 0; i < share; i++) {
            for (int sender = 11; sender < 15; sender++) {
                receiver.send(sender, 20_000, 0);
                receiver.send(1000, 20_000, 0);
                receiver.sendWhole(1000, 60_000, 0);
            }
        }

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        for (int sender = 11; sender < 15; sender++) {
            assertThat(receiver.numbersFrom(sender)).as("from %d", sender).hasSize(share);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 77, -5})
    void ofTwoWithEqualSharesTheOneThatWantsMoreLoses(long greedy) {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < QueueLimits.MAX_FRAMES / 2; i++) {
            receiver.send(greedy, 100, 0);
            receiver.send(1000, 100, 0);
        }

        receiver.send(greedy, 100, 0);

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);
        assertThat(receiver.numbersFrom(1000)).hasSize(QueueLimits.MAX_FRAMES / 2);
    }

    @Test
    void aSenderIsTheSameByWhateverWayItsFramesCome() {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < QueueLimits.MAX_FRAMES / 3; i++) {
            receiver.send(8, 100, 0);
            receiver.sendWhole(8, 100, 0);
            receiver.sendBatch(100, 0, 8);
        }
        for (int i = 0; i < QueueLimits.MAX_FRAMES / 2; i++) {
            receiver.sendBatch(100, 0, 9);
        }

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        assertThat(receiver.numbersFrom(9)).hasSize(QueueLimits.MAX_FRAMES / 2);
        assertThat(receiver.numbersFrom(8)).hasSize(QueueLimits.MAX_FRAMES / 2);
    }

    // ---- memory of all -------------------------------------------------------------------------------------------

    @Test
    void whenAllTogetherHoldTooMuchTheFullestGivesUpHalf() {
        var shared = new BacklogMemory(1_000_000);
        var full = new Receiver(allocator, shared, counters);
        var fuller = new Receiver(allocator, shared, counters);
        full.letThrough(0);
        fuller.letThrough(0);
        for (int i = 0; i < 9; i++) {
            full.sendWhole(1, 40_000, 0);
            fuller.sendWhole(1, 60_000, 0);
        }
        assertThat(count(RelayCounter.DROPPED_MEMORY)).isZero();

        full.sendWhole(1, 60_000, 0);
        full.sendWhole(1, 60_000, 0);

        assertThat(count(RelayCounter.DROPPED_MEMORY)).isEqualTo(5);
        assertThat(shared.bytes()).isEqualTo(full.queue.backlogBytes() + (long) fuller.queue.backlogBytes());
        fuller.letThrough(Long.MAX_VALUE);
        fuller.queue.drain(0);
        assertThat(fuller.numbersFrom(1)).isEqualTo(range(5, 9));
        full.letThrough(Long.MAX_VALUE);
        full.queue.drain(0);
        assertThat(full.numbersFrom(1)).isEqualTo(range(0, 11));
        assertThat(shared.bytes()).isZero();
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(5);
        full.queue.close();
        fuller.queue.close();
        // For the sums that are checked at the end.
        counters.add(RelayCounter.SEND_PACKETS_DROPPED, -20);
    }

    @Test
    void aLimitBelowOneFrameLetsOneFrameWait() {
        var shared = new BacklogMemory(1);
        var small = new Receiver(allocator, shared, new LoopCounters());
        small.letThrough(0);

        small.sendWhole(1, 1000, 0);
        small.sendWhole(1, 1000, 0);
        small.sendWhole(1, 1000, 0);

        assertThat(shared.bytes()).isEqualTo(1000 + OVERHEAD);
        small.letThrough(Long.MAX_VALUE);
        small.queue.drain(0);
        assertThat(small.numbersFrom(1)).containsExactly(2);
        assertThat(shared.bytes()).isZero();
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    @Test
    void whatWaitsAtTheEndIsCountedAndNothingIsTakenAnyMore() {
        receiver.letThrough(0);
        int inBatch = fillBatch();
        receiver.send(1, 100, 0);
        queue.addControl(TestFrames.control(STATUS, 1), 0);

        queue.close();
        receiver.sendWhole(1, 100, 0);
        receiver.sendBatch(100, 0, 1, 2, 3);
        queue.addControl(TestFrames.control(STATUS, 2), 0);
        queue.addGone(TestFrames.control(GONE, 2), 0);
        receiver.letThrough(Long.MAX_VALUE);

        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.drain(0)).isFalse();
        assertThat(receiver.seen()).isEmpty();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(count(RelayCounter.DROPPED_RECEIVER_GONE)).isEqualTo(inBatch + 5);
        assertThat(count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(inBatch + 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void anOutletThatFailsWithinAWriteMayCloseTheQueue(int batches) {
        receiver.letThrough(0);
        fillBatch();
        for (int i = 0; i < 300; i++) {
            receiver.send(1, 1200, 0);
        }
        receiver.send(1, 40_000, 0);
        receiver.whenWritten(() -> {
            if (receiver.batchBytes().size() == batches) {
                queue.close();
            }
        });

        receiver.letThrough(Long.MAX_VALUE);
        queue.drain(0);

        assertThat(receiver.batchBytes()).hasSize(batches);
        assertThat(memory.bytes()).isZero();
    }

    /** Fills the batch, so that what follows waits behind it if the outlet is shut; returns how many frames that took. */
    private int fillBatch() {
        int frames = 0;
        for (int left = QueueLimits.BATCH_BYTES; left > 0; frames++) {
            int frameBytes = Math.min(left, 16_000);
            receiver.send(1, frameBytes - OVERHEAD, 0);
            left -= frameBytes;
        }
        return frames;
    }

    private static List<Integer> numbers(List<Seen> seen) {
        return seen.stream().map(frame -> ((Seen.Datagram) frame).number()).toList();
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private long count(RelayCounter counter) {
        return counters.get(counter);
    }
}
