package io.teahouse.relay.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many pings are answered. */
class PingAllowanceTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void aFloodIsAnsweredSoManyTimesASecond() {
        var allowance = new PingAllowance(0);
        int pings = 100_000;
        long answered = IntStream.range(0, 3 * pings)
                .filter(i -> allowance.take(i * (SECOND / pings)))
                .count();
        assertThat(answered).isEqualTo(3L * PingAllowance.PER_SECOND);
    }

    @Test
    void whoPingsNowAndThenIsAlwaysAnswered() {
        var allowance = new PingAllowance(0);
        for (long nowNanos = 0; nowNanos < 60 * SECOND; nowNanos += SECOND / PingAllowance.PER_SECOND) {
            assertThat(allowance.take(nowNanos)).isTrue();
        }
    }
}
