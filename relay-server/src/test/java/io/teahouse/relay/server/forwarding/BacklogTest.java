package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link Backlog} against a plain list of what waits, from which the largest share is counted out each time. */
class BacklogTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    private final LoopCounters counters = new LoopCounters();
    private final WaitingFrame.Spare spare = new WaitingFrame.Spare();
    private final Backlog backlog = new Backlog(spare);

    /** A frame that waits, as the oracle sees it; told apart by identity. */
    private static final class Frame {
        final long sender;
        final ByteBuf buffer;
        final long sinceNanos;

        Frame(long sender, ByteBuf buffer, long sinceNanos) {
            this.sender = sender;
            this.buffer = buffer;
            this.sinceNanos = sinceNanos;
        }
    }

    @Property(tries = 60)
    void anyOperationsAgreeWithAList(@ForAll long seed, @ForAll @IntRange(min = 1, max = 150) int senders) {
        var random = new Random(seed);
        var expected = new ArrayList<Frame>();
        int maxLength = random.nextBoolean() ? 200 : 60_000;
        for (int now = 0; now < 2000; now++) {
            if (random.nextInt(3) > 0 || expected.isEmpty()) {
                long sender = random.nextInt(senders);
                int length = random.nextInt(1, maxLength);
                long dropped = counters.get(RelayCounter.DROPPED_QUEUE_FULL);
                backlog.makeRoom(sender, length, counters);
                for (; dropped < counters.get(RelayCounter.DROPPED_QUEUE_FULL); dropped++) {
                    assertThat(isTooMuch(expected, length)).isTrue();
                    removeLost(expected, expected.size() < QueueLimits.MAX_FRAMES, sender, length);
                }
                assertThat(isTooMuch(expected, length)).isFalse();
                var frame = new Frame(sender, allocator.directBuffer(length).writeZero(length), now);
                backlog.add(sender, frame.buffer, now);
                expected.add(frame);
            } else if (random.nextInt(50) == 0) {
                backlog.dropOfLargestShare();
                removeLost(expected, true, -1, 0);
            } else {
                assertThat(backlog.oldestSinceNanos()).isEqualTo(expected.getFirst().sinceNanos);
                assertThat(backlog.peek()).isSameAs(expected.getFirst().buffer);
                var frame = backlog.poll();
                assertThat(frame).isSameAs(expected.removeFirst().buffer);
                frame.release();
            }
            assertThat(backlog.frames()).isEqualTo(expected.size());
            assertThat(backlog.isEmpty()).isEqualTo(expected.isEmpty());
            assertThat(backlog.bytes()).isEqualTo(bytes(expected)).isLessThanOrEqualTo(QueueLimits.MAX_BYTES);
        }

        for (var frame : expected) {
            assertThat(backlog.peek()).isSameAs(frame.buffer);
            backlog.poll().release();
        }
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void clearingGivesEverythingBackAndTheBacklogMayBeUsedAgain() {
        for (int i = 0; i < 100; i++) {
            backlog.add(i % 7, allocator.directBuffer(10).writeZero(10), 0);
        }

        assertThat(backlog.clear()).isEqualTo(100);

        assertThat(backlog.isEmpty()).isTrue();
        assertThat(backlog.bytes()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(backlog.clear()).isZero();
        backlog.add(1, allocator.directBuffer(10).writeZero(10), 0);
        assertThat(backlog.clear()).isEqualTo(1);
    }

    @Test
    void sendersThatComeAndGoWhileItIsNeverEmptyAreForgotten() {
        backlog.add(-1, allocator.directBuffer(10).writeZero(10), 0);
        for (int sender = 0; sender < 100_000; sender++) {
            backlog.add(sender, allocator.directBuffer(10).writeZero(10), 0);
            backlog.poll().release();
        }

        assertThat(backlog.frames()).isEqualTo(1);
        assertThat(backlog.senders()).isLessThan(100);
        backlog.clear();
    }

    @Test
    void entriesAreUsedAgainButNotMoreThanALoopMayNeed() {
        var first = spare.take();
        spare.give(first);
        assertThat(spare.take()).isSameAs(first);

        Deque<WaitingFrame> many = new ArrayDeque<>();
        for (int i = 0; i < WaitingFrame.Spare.MAX + 10; i++) {
            many.add(new WaitingFrame());
        }
        many.forEach(spare::give);
        int reused = 0;
        for (int i = 0; i < WaitingFrame.Spare.MAX + 10; i++) {
            reused += many.contains(spare.take()) ? 1 : 0;
        }
        assertThat(reused).isEqualTo(WaitingFrame.Spare.MAX);
    }

    private static boolean isTooMuch(List<Frame> frames, int length) {
        return frames.size() >= QueueLimits.MAX_FRAMES
                || (!frames.isEmpty() && bytes(frames) + length > QueueLimits.MAX_BYTES);
    }

    private static long bytes(List<Frame> frames) {
        return frames.stream().mapToLong(frame -> frame.buffer.capacity()).sum();
    }

    /** Removes a frame that the backlog has dropped: the oldest one of a sender than whom nobody has more. */
    private static void removeLost(List<Frame> frames, boolean byBytes, long sender, int length) {
        Map<Long, Integer> held = new HashMap<>();
        for (var frame : frames) {
            held.merge(frame.sender, byBytes ? frame.buffer.capacity() : 1, Integer::sum);
        }
        held.computeIfPresent(sender, (_, had) -> had + (byBytes ? length : 1));
        int most = Collections.max(held.values());
        var oldestSeen = new HashSet<Long>();
        // Of several with as much any may lose; here the one with least, so that no loss shows as one too many.
        var lost = frames.stream()
                .filter(frame -> oldestSeen.add(frame.sender))
                .filter(frame -> held.getOrDefault(frame.sender, 0) == most && frame.buffer.refCnt() == 0)
                .min(Comparator.comparingInt(frame -> frame.buffer.capacity()));
        assertThat(lost).as("a frame of whoever holds most, %d", most).isPresent();
        frames.remove(lost.orElseThrow());
    }
}
