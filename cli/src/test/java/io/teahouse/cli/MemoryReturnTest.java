package io.teahouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.cli.MemoryReturn.Crowd;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts connections that come and go, and sees when memory is given back. */
class MemoryReturnTest {
    private final Crowd crowd = new Crowd();

    @Test
    void memoryIsGivenBackOnceACrowdHasGoneAndStayedAway() {
        assertThat(crowd.hasGone(2000)).isFalse();
        assertThat(crowd.hasGone(1000)).isFalse();
        assertThat(crowd.hasGone(10)).isTrue();
        assertThat(crowd.hasGone(10)).isFalse();
        assertThat(crowd.hasGone(0)).isFalse();
    }

    @Test
    void aCrowdThatComesBackAtOnceKeepsTheMemory() {
        for (int i = 0; i < 20; i++) {
            assertThat(crowd.hasGone(2000)).isFalse();
            assertThat(crowd.hasGone(10)).isFalse();
        }
    }

    @Test
    void aHandfulOfClientsIsNotWorthAPause() {
        crowd.hasGone(Crowd.WORTH_IT - 1);
        for (int i = 0; i < 20; i++) {
            assertThat(crowd.hasGone(0)).isFalse();
        }
    }

    @Test
    void whenMoreThanHalfAreLeftTheMemoryIsInUse() {
        crowd.hasGone(10_000);
        for (int i = 0; i < 20; i++) {
            assertThat(crowd.hasGone(5001)).isFalse();
        }
    }

    @Test
    void crowdsThatComeAndGoCostNoMoreThanOnePauseInSoManyLooks() {
        int pauses = 0;
        int looks = 600;
        for (int i = 0; i < looks; i++) {
            pauses += crowd.hasGone(i % 3 == 0 ? 5000 : 0) ? 1 : 0;
        }
        assertThat(pauses).isPositive().isLessThanOrEqualTo(looks / Crowd.LOOKS_BETWEEN);
    }

    @Test
    @Timeout(30)
    void theThreadCollectsOnceTheCrowdHasGone() throws InterruptedException {
        long before = collections();
        var looks = new CountDownLatch(1 + Crowd.LOOKS + 1);
        var first = new AtomicBoolean(true);
        try (var _ = MemoryReturn.start(Duration.ofMillis(1), () -> {
            looks.countDown();
            return first.getAndSet(false) ? 2000 : 0;
        })) {
            looks.await(); // the last one comes after the collection
        }
        assertThat(collections()).isGreaterThan(before);
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
