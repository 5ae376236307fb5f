package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a loop rests, on simulated time. */
final class TurnPacingTest {
    private static final int FRAME = 1240;
    private static final long WORK_NANOS = 8_000;

    private final TurnPacing pacing = new TurnPacing();
    private long nowNanos = 1_000_000_000;

    TurnPacingTest() {
        pacing.onTurnOver(nowNanos);
    }

    /** Plays turns of one read each; returns how many of them ended with a rest. */
    private int turns(int count, int bytes, long waitNanos) {
        int rests = 0;
        for (int i = 0; i < count; i++) {
            nowNanos += waitNanos;
            pacing.onRead(bytes, nowNanos);
            nowNanos += WORK_NANOS;
            long rest = pacing.onTurnEnd(nowNanos);
            rests += rest > 0 ? 1 : 0;
            nowNanos += rest;
            pacing.onTurnOver(nowNanos);
        }
        return rests;
    }

    @Test
    void aLoopThatHasTimeNeverRests() {
        assertThat(turns(10_000, FRAME, 50_000)).isZero();
    }

    @Test
    void aLoopThatMovesALotAtATimeNeverRests() {
        assertThat(turns(10_000, 64 * 1024, 5_000)).isZero();
    }

    @Test
    void aBusyLoopThatReadsFrameByFrameRestsAfterEachTurn() {
        int untilSeen = (int) (TurnPacing.WATCH_NANOS / (5_000 + WORK_NANOS)) + 1;
        assertThat(turns(untilSeen - 1, FRAME, 5_000)).isZero();
        assertThat(turns(10_000, FRAME, 5_000)).isEqualTo(10_000);
    }

    @Test
    void aMomentOfHasteIsNoReasonToRest() {
        for (int i = 0; i < 100; i++) {
            assertThat(turns(50, FRAME, 5_000)).isZero();
            assertThat(turns(1, FRAME, 2 * TurnPacing.WATCH_NANOS)).isZero();
        }
    }

    @Test
    void itRestsNoMoreOnceItHasToWait() {
        assertThat(turns(1000, FRAME, 5_000)).isPositive();
        turns((int) (TurnPacing.WATCH_NANOS / 50_000) + 1, FRAME, 50_000);
        assertThat(turns(1000, FRAME, 50_000)).isZero();
    }

    @Test
    void itRestsNoMoreOnceMoreComesAtATime() {
        assertThat(turns(1000, FRAME, 5_000)).isPositive();
        turns((int) (TurnPacing.WATCH_NANOS / (5_000 + WORK_NANOS)) + 1, 8192, 5_000);
        assertThat(turns(1000, 8192, 5_000)).isZero();
    }

    @Test
    void turnsWithoutAReadDoNotCount() {
        for (int i = 0; i < 10_000; i++) {
            nowNanos += 1000;
            assertThat(pacing.onTurnEnd(nowNanos)).isZero();
            pacing.onTurnOver(nowNanos);
        }
    }
}
