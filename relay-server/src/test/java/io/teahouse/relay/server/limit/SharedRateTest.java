package io.teahouse.relay.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What many clients may send together. */
class SharedRateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final SharedRate rate = new SharedRate(new ReceiveLimit(1000, 500));

    @Test
    void theBurstIsThereAtOnceAndThenTheRate() {
        var _ = rate.take(500, 0);
        assertThat(rate.waitNanos(0)).isZero();

        var _ = rate.take(1, 0);
        assertThat(rate.waitNanos(0)).isEqualTo(SECOND / 1000);
        assertThat(rate.waitNanos(SECOND / 1000)).isZero();
    }

    @Test
    void whatWasReadBeyondTheRateIsWaitedForInFull() {
        var _ = rate.take(10_500, 0);
        assertThat(rate.waitNanos(0)).isEqualTo(10 * SECOND);
        assertThat(rate.waitNanos(9 * SECOND)).isEqualTo(SECOND);
    }

    @Test
    void whatIsNotUsedIsKeptUpToTheBurst() {
        var _ = rate.take(500, 0);
        long later = 3600 * SECOND;
        var _ = rate.take(500, later);
        assertThat(rate.waitNanos(later)).isZero();
        var _ = rate.take(100, later);
        assertThat(rate.waitNanos(later)).isEqualTo(SECOND / 10);
    }

    @Test
    void aPortionIsAHundredthOfASecondWithinBounds() {
        assertThat(rate.portionBytes()).isEqualTo(10);
        assertThat(new SharedRate(ReceiveLimit.ofRate(10)).portionBytes()).isEqualTo(1);
        assertThat(new SharedRate(ReceiveLimit.ofRate(ReceiveLimit.MAX_BYTES)).portionBytes())
                .isEqualTo(64 << 10);
    }

    @Test
    void nothingIsLostWhenManyTakeAtOnce() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                var _ = threads.submit(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        var _ = rate.take(1, 0);
                    }
                });
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(rate.waitNanos(0)).isEqualTo(SECOND * (40_000 - 500) / 1000);
    }
}
