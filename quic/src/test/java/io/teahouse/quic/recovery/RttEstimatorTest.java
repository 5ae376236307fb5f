package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RttEstimatorTest {
    private static final long MILLI = 1_000_000;

    private final RttEstimator rtt = new RttEstimator(Duration.ofMillis(333));

    @Test
    void withoutASampleTheInitialGuessHolds() {
        assertThat(rtt.hasSample()).isFalse();
        assertThat(rtt.smoothedNanos()).isEqualTo(333 * MILLI);
        assertThat(rtt.variationNanos()).isEqualTo(166_500_000);
        // RFC 9002, section 6.2.2: about one second.
        assertThat(rtt.probeTimeoutNanos(0)).isEqualTo(999 * MILLI);
    }

    @Test
    void theFirstSampleReplacesTheGuess() {
        rtt.onSample(100 * MILLI, 40 * MILLI, 7);

        assertThat(rtt.latestNanos()).isEqualTo(100 * MILLI);
        assertThat(rtt.minNanos()).isEqualTo(100 * MILLI);
        assertThat(rtt.smoothedNanos()).isEqualTo(100 * MILLI);
        assertThat(rtt.variationNanos()).isEqualTo(50 * MILLI);
        assertThat(rtt.firstSampleAtNanos()).isEqualTo(7);
    }

    @Test
    void laterSamplesCountAnEighthAndTheirVariationAQuarter() {
        rtt.onSample(100 * MILLI, 0, 0);

        rtt.onSample(180 * MILLI, 0, 1);

        assertThat(rtt.smoothedNanos()).isEqualTo(110 * MILLI);
        assertThat(rtt.variationNanos()).isEqualTo((3 * 50 * MILLI + 80 * MILLI) / 4);
        assertThat(rtt.minNanos()).isEqualTo(100 * MILLI);
        assertThat(rtt.firstSampleAtNanos()).isZero();
        assertThat(rtt.probeTimeoutNanos(25 * MILLI)).isEqualTo(110 * MILLI + 4 * 57_500_000 + 25 * MILLI);
    }

    @Test
    void aDelayIsTakenOffUnlessTheSampleWouldFallBelowTheMinimum() {
        rtt.onSample(100 * MILLI, 0, 0);

        rtt.onSample(140 * MILLI, 40 * MILLI, 1);
        assertThat(rtt.smoothedNanos()).isEqualTo(100 * MILLI);
        rtt.onSample(140 * MILLI, 41 * MILLI, 2);

        assertThat(rtt.smoothedNanos()).isEqualTo(105 * MILLI);
        assertThat(rtt.latestNanos()).isEqualTo(140 * MILLI);
    }

    @Test
    void afterPersistentCongestionTheMinimumIsLearnedAnew() {
        rtt.onSample(100 * MILLI, 0, 0);

        rtt.onPersistentCongestion();
        rtt.onSample(300 * MILLI, 0, 1);
        rtt.onSample(400 * MILLI, 0, 2);

        assertThat(rtt.minNanos()).isEqualTo(300 * MILLI);
    }

    @Test
    void aPacketIsLateAfterNineEighthsOfARoundTrip() {
        rtt.onSample(80 * MILLI, 0, 0);
        assertThat(rtt.lossDelayNanos()).isEqualTo(90 * MILLI);

        rtt.onSample(800 * MILLI, 0, 0);
        assertThat(rtt.lossDelayNanos()).isEqualTo(900 * MILLI);
    }

    @Test
    void nothingIsTimedFinerThanClocksAre() {
        rtt.onSample(0, 0, 0);

        assertThat(rtt.lossDelayNanos()).isEqualTo(MILLI);
        assertThat(rtt.probeTimeoutNanos(0)).isEqualTo(MILLI);
    }
}
