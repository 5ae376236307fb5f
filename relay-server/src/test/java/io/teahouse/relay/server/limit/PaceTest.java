package io.teahouse.relay.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often something happens in what time. */
class PaceTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void aBurstComesAtOnceAndThenEachInItsTurn() {
        var rate = new Pace(10, 3, 0);
        assertThat(rate.take(0)).isZero();
        assertThat(rate.take(0)).isZero();
        assertThat(rate.take(0)).isEqualTo(SECOND / 10);
        assertThat(rate.take(SECOND / 10)).isEqualTo(SECOND / 10);
        assertThat(rate.take(3 * SECOND)).as("full again, and no fuller").isZero();
        assertThat(rate.take(3 * SECOND)).isZero();
        assertThat(rate.take(3 * SECOND)).isPositive();
    }

    @Test
    void whoCameInSpiteOfItIsMadeUpForLater() {
        var rate = new Pace(1, 1, 0);
        for (int i = 0; i < 15; i++) {
            rate.take(0);
        }
        assertThat(rate.take(0)).isEqualTo(16 * SECOND);
    }

    /** Whoever keeps to what he is told accepts burst + rate x time, whenever they come. */
    @ParameterizedTest
    @CsvSource({"0.5, 1", "10, 1", "1000, 50", "333.3, 7"})
    void overTimeItIsTheRate(double perSecond, int burst) {
        var random = new Random(7);
        var rate = new Pace(perSecond, burst, 0);
        long nowNanos = 0;
        int accepted = 0;
        while (nowNanos < 1000 * SECOND) {
            accepted++;
            nowNanos += rate.take(nowNanos) + random.nextLong((long) (SECOND / perSecond / 10));
        }
        assertThat(accepted).isBetween((int) (perSecond * 900), (int) (perSecond * 1001 + burst + 1));
    }
}
