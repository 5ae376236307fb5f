package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistentCongestionTest {
    private static final long SECOND = 1_000_000_000;

    private final PacketNumberSource numbers = new PacketNumberSource(new Random(1));
    private final RttEstimator rtt = new RttEstimator(Duration.ofMillis(333));
    private final List<SentPacket<String>> lost = new ArrayList<>();

    PersistentCongestionTest() {
        for (int packet = 0; packet < 100; packet++) {
            numbers.take();
        }
    }

    private void lose(long number, double sentAtSeconds, boolean eliciting) {
        lost.add(new SentPacket<>(
                number,
                (long) (sentAtSeconds * SECOND),
                1200,
                eliciting ? SentPacket.ORDINARY : SentPacket.ACKNOWLEDGEMENT,
                ""));
    }

    private boolean isIn() {
        return PersistentCongestion.isIn(lost, numbers, rtt, 2 * SECOND - rtt.probeTimeoutNanos(0));
    }

    /** A round trip of a second, and probe timeouts of two: three of them are six seconds. */
    private void sampleAt(double seconds) {
        long at = (long) (seconds * SECOND);
        for (int sample = 0; sample < 4; sample++) {
            rtt.onSample(SECOND, 0, at);
        }
        assertThat(rtt.probeTimeoutNanos(0)).isLessThan(2 * SECOND);
    }

    @Test
    void theExampleOfTheRfc() {
        // RFC 9002, section 7.6.2: packets 2 to 8 are lost, sent from second 1 to second 8.
        sampleAt(0.5);
        lose(numbersFrom(0), 1, true);
        for (int packet = 1; packet < 6; packet++) {
            lose(numbersFrom(packet), 1 + packet, true);
        }
        assertThat(isIn()).isFalse(); // from 1 to 6
        lose(numbersFrom(6), 8, true);

        assertThat(isIn()).isTrue();
    }

    @Test
    void whatAPacketInBetweenGotThroughIsNone() {
        sampleAt(0.5);
        lose(numbersFrom(0), 1, true);
        lose(numbersFrom(2), 9, true);

        assertThat(isIn()).isFalse();
        lose(numbersFrom(3), 20, true);
        assertThat(isIn()).isTrue();
    }

    @Test
    void withoutASampleThereIsNone() {
        lose(numbersFrom(0), 1, true);
        lose(numbersFrom(1), 100, true);

        assertThat(isIn()).isFalse();
    }

    @Test
    void whatWasSentBeforeTheFirstSampleDoesNotCount() {
        sampleAt(50);
        lose(numbersFrom(0), 1, true);
        lose(numbersFrom(1), 51, true);

        assertThat(isIn()).isFalse();
        lose(numbersFrom(2), 60, true);
        assertThat(isIn()).isTrue();
    }

    @Test
    void packetsThatNobodyHasToAnswerMakeNoEnd() {
        sampleAt(0.5);
        lose(numbersFrom(0), 1, true);
        lose(numbersFrom(1), 20, false);

        assertThat(isIn()).isFalse();
    }

    @Test
    void aNumberThatWasLeftOutIsNoGap() {
        sampleAt(0.5);
        long skipped = 0;
        while (numbers.isUsed(skipped)) {
            skipped++;
        }
        assertThat(skipped).isPositive();
        lose(skipped - 1, 1, true);
        lose(skipped + 1, 20, true);

        assertThat(isIn()).isTrue();
    }

    /** Numbers behind those that were left out first. */
    private static long numbersFrom(int index) {
        return 70L + index;
    }
}
