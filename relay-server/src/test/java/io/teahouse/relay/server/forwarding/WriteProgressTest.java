package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.time.Timer;
import org.junit.jupiter.api.Test;

class WriteProgressTest {
    private static final long MAX_STALL = 2_000_000_000L;
    private static final Object FIRST = new Object();
    private static final Object SECOND = new Object();

    private final WriteProgress progress = new WriteProgress(MAX_STALL);

    @Test
    void nothingOnItsWayIsNoStallAndNothingToLookFor() {
        assertThat(progress.isStalled(null, 0, 5)).isFalse();
        assertThat(progress.nextDeadlineNanos()).isEqualTo(Timer.NEVER);
    }

    @Test
    void whatDoesNotMoveForTheWholeTimeIsAStall() {
        assertThat(progress.isStalled(FIRST, 7, 0)).isFalse();
        assertThat(progress.nextDeadlineNanos()).isEqualTo(WriteProgress.CHECK_NANOS);
        assertThat(progress.isStalled(FIRST, 7, MAX_STALL - 1)).isFalse();
        assertThat(progress.nextDeadlineNanos()).isEqualTo(MAX_STALL);
        assertThat(progress.isStalled(FIRST, 7, MAX_STALL)).isTrue();
    }

    @Test
    void aByteOfTheFirstIsProgress() {
        assertThat(progress.isStalled(FIRST, 7, 0)).isFalse();
        assertThat(progress.isStalled(FIRST, 8, MAX_STALL - 1)).isFalse();
        assertThat(progress.isStalled(FIRST, 8, 2 * MAX_STALL - 2)).isFalse();
        assertThat(progress.isStalled(FIRST, 8, 2 * MAX_STALL - 1)).isTrue();
    }

    @Test
    void anotherFirstIsProgress() {
        assertThat(progress.isStalled(FIRST, 0, 0)).isFalse();
        assertThat(progress.isStalled(SECOND, 0, MAX_STALL - 1)).isFalse();
        assertThat(progress.isStalled(SECOND, 0, MAX_STALL)).isFalse();
    }

    @Test
    void aPauseWithNothingOnItsWayBeginsAnew() {
        assertThat(progress.isStalled(FIRST, 0, 0)).isFalse();
        assertThat(progress.isStalled(null, 0, 1)).isFalse();
        assertThat(progress.isStalled(FIRST, 0, 10 * MAX_STALL)).isFalse();
        assertThat(progress.isStalled(FIRST, 0, 11 * MAX_STALL)).isTrue();
    }
}
