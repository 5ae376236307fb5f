package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.time.Timer;
import java.util.ArrayDeque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Tells a {@link WriteProgress} what a socket takes, and looks when it gives the socket up. */
class WriteProgressTest {
    private static final long MAX_STALL = 2_000_000_000L;
    private static final Object FIRST = new Object();

    private final WriteProgress progress = new WriteProgress(MAX_STALL);

    @Test
    void nothingIsLookedAtWhileNothingIsOnItsWay() {
        assertThat(progress.nextDeadlineNanos()).isEqualTo(Timer.NEVER);

        assertThat(progress.isStalled(0, null, 0, 0)).isFalse();
        assertThat(progress.isStalled(0, null, 0, 10 * MAX_STALL)).isFalse();

        assertThat(progress.nextDeadlineNanos()).isEqualTo(Timer.NEVER);
    }

    @Test
    void aSocketThatTakesNothingIsGivenUpWhenTheTimeIsOver() {
        assertThat(progress.isStalled(100, FIRST, 0, 5)).isFalse();
        assertThat(progress.nextDeadlineNanos()).isEqualTo(5 + WriteProgress.CHECK_NANOS);

        assertThat(progress.isStalled(100, FIRST, 0, 5 + MAX_STALL - 1)).isFalse();
        assertThat(progress.nextDeadlineNanos()).isEqualTo(5 + MAX_STALL);
        assertThat(progress.isStalled(100, FIRST, 0, 5 + MAX_STALL)).isTrue();
    }

    @Test
    void everyByteThatIsTakenCountsAnew() {
        progress.isStalled(100, FIRST, 0, 0);
        for (int taken = 1; taken < 100; taken++) {
            assertThat(progress.isStalled(100, FIRST, taken, taken * (MAX_STALL - 1)))
                    .isFalse();
        }
        assertThat(progress.isStalled(100, FIRST, 99, 99 * (MAX_STALL - 1) + MAX_STALL))
                .isTrue();
    }

    @Test
    void aBufferThatIsTakenWholeCountsAlsoWhenMoreCameBehindIt() {
        progress.isStalled(100, FIRST, 0, 0);

        assertThat(progress.isStalled(500, new Object(), 0, MAX_STALL)).isFalse();
    }

    @Test
    void fewerBytesAreProgressAlsoWhenTheBufferInFrontLooksTheSame() {
        progress.isStalled(500, FIRST, 0, 0);

        assertThat(progress.isStalled(100, FIRST, 0, MAX_STALL)).isFalse(); // buffers are used again
        assertThat(progress.isStalled(99, FIRST, 0, 2 * MAX_STALL)).isFalse();
    }

    @Test
    void whatComesBehindWhatIsStuckDoesNotHelp() {
        progress.isStalled(100, FIRST, 7, 0);
        for (int i = 1; i < 10; i++) {
            assertThat(progress.isStalled(100 + i, FIRST, 7, i * MAX_STALL / 10))
                    .isFalse();
        }

        assertThat(progress.isStalled(200, FIRST, 7, MAX_STALL)).isTrue();
    }

    @Test
    void afterEverythingWasTakenTheTimeBeginsWithTheNextByte() {
        progress.isStalled(100, FIRST, 7, 0);
        progress.isStalled(0, null, 0, MAX_STALL - 1);

        assertThat(progress.isStalled(100, FIRST, 7, 10 * MAX_STALL)).isFalse();
        assertThat(progress.isStalled(100, FIRST, 7, 11 * MAX_STALL - 1)).isFalse();
        assertThat(progress.isStalled(100, FIRST, 7, 11 * MAX_STALL)).isTrue();
    }

    /** A socket that takes some bytes at times, of buffers that keep coming. */
    @Property
    void aSocketIsGivenUpIfAndOnlyIfItTookNothingForTheWholeTime(@ForAll long seed) {
        var random = new Random(seed);
        var watched = new WriteProgress(MAX_STALL);
        var buffers = new ArrayDeque<int[]>();
        long pending = 0;
        int taken = 0;
        long sinceNanos = 0;
        for (long now = 0; now < 100 * MAX_STALL; now += random.nextLong(WriteProgress.CHECK_NANOS)) {
            boolean moved = buffers.isEmpty();
            for (int i = random.nextInt(3); i > 0; i--) {
                int bytes = random.nextInt(1, 1000);
                buffers.add(new int[] {bytes});
                pending += bytes;
            }
            for (int room = random.nextInt(8) == 0 ? random.nextInt(20_000) : 0; room > 0 && !buffers.isEmpty(); ) {
                moved = true;
                int left = buffers.getFirst()[0] - taken;
                if (left > room) {
                    taken += room;
                    break;
                }
                // Like a channel's, the sum only falls with a whole buffer.
                pending -= buffers.removeFirst()[0];
                taken = 0;
                room -= left;
            }
            sinceNanos = moved || buffers.isEmpty() ? now : sinceNanos;

            boolean stalled = watched.isStalled(pending, buffers.peekFirst(), taken, now);

            assertThat(stalled).isEqualTo(now - sinceNanos >= MAX_STALL);
            if (stalled) {
                return;
            }
            if (buffers.isEmpty()) {
                assertThat(watched.nextDeadlineNanos()).isEqualTo(Timer.NEVER);
            } else {
                assertThat(watched.nextDeadlineNanos())
                        .isGreaterThan(now)
                        .isLessThanOrEqualTo(Math.min(now + WriteProgress.CHECK_NANOS, sinceNanos + MAX_STALL));
            }
        }
    }
}
