package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What RFC 9002, section 6.1 and appendix A say, packet by packet; times are in milliseconds. */
class LossDetectorTest {
    private static final long MILLI = 1_000_000;

    /** Leaves out number 63 and then higher ones, so that the first numbers are as they come. */
    private static final RandomGenerator LAST_OF_RANGE = new RandomGenerator() {
        @Override
        public long nextLong() {
            return -1;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final PacketNumberSource numbers = new PacketNumberSource(LAST_OF_RANGE);
    private final LossDetector<String> detector = new LossDetector<>(numbers);
    private final RttEstimator rtt = new RttEstimator(Duration.ofMillis(333));

    private long send(long atMillis, boolean eliciting, boolean onPath) {
        long number = numbers.take();
        detector.onSent(
                new SentPacket<>(number, atMillis * MILLI, 1200, traits(eliciting, onPath), "content " + number));
        return number;
    }

    private static Set<Trait> traits(boolean eliciting, boolean onPath) {
        var traits = EnumSet.copyOf(eliciting ? SentPacket.ORDINARY : SentPacket.ACKNOWLEDGEMENT);
        if (!onPath) {
            traits.add(Trait.OFF_PATH);
        }
        return traits;
    }

    private void send(int count, long atMillis) {
        for (int packet = 0; packet < count; packet++) {
            send(atMillis, true, true);
        }
    }

    private LossDetector.Outcome<String> acknowledge(long atMillis, long... bounds) throws TransportException {
        return detector.onAcknowledged(AckRanges.ofBounds(bounds), 0, rtt, atMillis * MILLI);
    }

    private static List<Long> numbers(List<SentPacket<String>> packets) {
        return packets.stream().map(SentPacket::number).toList();
    }

    @Test
    void whatIsAcknowledgedIsNewsOnce() throws TransportException {
        send(5, 0);

        var first = acknowledge(10, 4, 4, 2, 1);
        var second = acknowledge(11, 4, 1);

        assertThat(numbers(first.acknowledged())).containsExactly(4L, 2L, 1L);
        assertThat(first.acknowledged().getFirst().content()).isEqualTo("content 4");
        assertThat(numbers(second.acknowledged())).containsExactly(3L);
        assertThat(acknowledge(12, 4, 1).acknowledged()).isEmpty();
        assertThat(detector.largestAcknowledged()).isEqualTo(4);
    }

    @Test
    void aPacketThatThreeHaveOvertakenIsLost() throws TransportException {
        send(4, 0);

        assertThat(acknowledge(10, 2, 1).lost()).isEmpty();
        assertThat(numbers(acknowledge(10, 3, 1).lost())).containsExactly(0L);
        assertThat(acknowledge(10, 3, 0).acknowledged()).isEmpty();
    }

    @Test
    void aPacketThatOneHasOvertakenIsLostAfterAWhile() throws TransportException {
        send(0, true, true);
        send(1, true, true);

        assertThat(acknowledge(81, 1, 1).lost()).isEmpty();

        // A round trip is 80 ms, and an eighth more is allowed.
        assertThat(detector.lossTimeNanos()).isEqualTo(90 * MILLI);
        assertThat(detector.detectLost(rtt, 90 * MILLI - 1)).isEmpty();
        assertThat(detector.lossTimeNanos()).isEqualTo(90 * MILLI);
        assertThat(numbers(detector.detectLost(rtt, 90 * MILLI))).containsExactly(0L);
        assertThat(detector.lossTimeNanos()).isEqualTo(LossDetector.NEVER);
        assertThat(detector.hasElicitingInFlight()).isFalse();
    }

    @Test
    void aPacketThatNoneHasOvertakenIsNotLost() throws TransportException {
        send(3, 0);

        acknowledge(10, 0, 0);

        assertThat(detector.detectLost(rtt, 100_000 * MILLI)).isEmpty();
        assertThat(detector.lossTimeNanos()).isEqualTo(LossDetector.NEVER);
        assertThat(detector.hasElicitingInFlight()).isTrue();
    }

    @Test
    void aSampleIsTakenOfTheLargestIfItIsNewAndAnAnswerWasDue() throws TransportException {
        send(0, true, true);
        send(10, false, true);
        send(20, true, true);
        send(30, false, true);

        acknowledge(100, 0, 0);
        assertThat(rtt.latestNanos()).isEqualTo(100 * MILLI);
        // The largest is new, but asks for nothing; nothing else is new.
        acknowledge(150, 1, 0);
        assertThat(rtt.latestNanos()).isEqualTo(100 * MILLI);
        // The largest asks for nothing, another one that is new does.
        acknowledge(160, 3, 0);
        assertThat(rtt.latestNanos()).isEqualTo(130 * MILLI);
    }

    @Test
    void noSampleIsTakenOfWhatIsNotTheLargest() throws TransportException {
        send(3, 0);
        acknowledge(50, 2, 2);

        acknowledge(500, 2, 1);

        assertThat(rtt.latestNanos()).isEqualTo(50 * MILLI);
    }

    @Test
    void whoAcknowledgesWhatWasNeverSentBreaksTheRules() throws TransportException {
        send(3, 0);

        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> acknowledge(1, 3, 0))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code())
                .withMessage("acknowledgement of packets 0 to 3: not all sent (expected: only what was received)");
        send(70, 1);
        assertThatExceptionOfType(TransportException.class).isThrownBy(() -> acknowledge(1, 64, 60));
        assertThat(acknowledge(1, 64, 64, 62, 60).acknowledged()).hasSize(4);
    }

    @Test
    void probesToOtherAddressesSayNothingAboutThePath() throws TransportException {
        long onPath = send(0, true, true);
        for (int probe = 0; probe < 5; probe++) {
            send(0, true, false);
        }

        var outcome = acknowledge(400, 5, 1);

        assertThat(outcome.acknowledged()).hasSize(5);
        assertThat(outcome.lost()).isEmpty();
        assertThat(rtt.hasSample()).isFalse();
        assertThat(detector.lossTimeNanos()).isEqualTo(LossDetector.NEVER);
        assertThat(detector.hasElicitingInFlight()).isTrue();
        acknowledge(401, onPath, onPath);
        assertThat(detector.hasElicitingInFlight()).isFalse();
    }

    @Test
    void onlyPacketsOfThePathOvertakeEachOther() throws TransportException {
        send(0, true, true);
        for (int probe = 0; probe < 5; probe++) {
            send(0, true, false);
        }
        send(0, true, true);

        // Number 6 is six above number 0, but only the next one on the path.
        assertThat(acknowledge(400, 6, 6).lost()).isEmpty();
        assertThat(detector.lossTimeNanos()).isEqualTo(450 * MILLI);
        send(3, 401);
        assertThat(acknowledge(402, 9, 9).lost()).hasSize(6);
    }

    @Test
    void numbersThatWereLeftOutDoNotCountAsOvertaking() throws TransportException {
        send(66, 0); // 0 to 66 without 63
        assertThat(numbers.isUsed(63)).isFalse();
        acknowledge(100, 61, 0);

        // 62, 64 and 65 were sent; 62 is 3 below 65.
        assertThat(acknowledge(100, 65, 65).lost()).isEmpty();
        assertThat(numbers(acknowledge(100, 66, 65).lost())).containsExactly(62L);
    }

    @Test
    void packetsThatNobodyAnswersAreForgottenInTime() throws TransportException {
        for (int packet = 0; packet < LossDetector.MAX_ACK_ONLY + 50; packet++) {
            send(packet, false, true);
        }

        assertThat(detector.takeAll()).hasSize(LossDetector.MAX_ACK_ONLY);
    }

    @Test
    void aPacketThatIsFarTooOldIsLost() {
        send(0, true, true);
        for (int packet = 0; packet < LossDetector.MAX_SPAN + 10; packet++) {
            send(1, false, true);
        }

        assertThat(detector.lossTimeNanos()).isLessThanOrEqualTo(MILLI);
        assertThat(numbers(detector.detectLost(rtt, MILLI))).contains(0L);
    }

    @Test
    void whatIsGivenUpComesBackWhole() throws TransportException {
        send(5, 0);
        acknowledge(10, 2, 2);

        assertThat(numbers(detector.takeAll())).containsExactly(0L, 1L, 3L, 4L);
        assertThat(detector.takeAll()).isEmpty();
        assertThat(detector.hasElicitingInFlight()).isFalse();
        assertThat(detector.lossTimeNanos()).isEqualTo(LossDetector.NEVER);
        assertThat(acknowledge(11, 4, 0).acknowledged()).isEmpty();
    }

    @Test
    void whatMayBeAskedForAgainIsTheOldest() {
        send(0, false, true);
        send(3, 0);

        assertThat(numbers(detector.oldestUnacknowledged(2))).containsExactly(1L, 2L);
        assertThat(detector.oldestUnacknowledged(10)).hasSize(3);
    }

    @Test
    void everyPacketIsEitherAcknowledgedOrLostOrOnItsWay() throws TransportException {
        var random = new Random(5);
        var source = new PacketNumberSource(random);
        var many = new LossDetector<Long>(source);
        int acknowledged = 0;
        int lost = 0;
        int sent = 0;
        for (int turn = 0; turn < 3000; turn++) {
            long now = turn * MILLI;
            boolean eliciting = random.nextInt(4) > 0;
            long number = source.take();
            many.onSent(new SentPacket<>(number, now, 100, traits(eliciting, random.nextInt(9) > 0), number));
            sent++;
            long candidate = Math.max(0, number - random.nextInt(30));
            if (random.nextBoolean() && source.isUsed(candidate)) {
                var outcome = many.onAcknowledged(AckRanges.of(candidate, candidate), 0, rtt, now);
                acknowledged += outcome.acknowledged().size();
                lost += outcome.lost().size();
            }
            if (many.lossTimeNanos() <= now) {
                lost += many.detectLost(rtt, now).size();
            }
        }

        assertThat(acknowledged + lost + many.takeAll().size()).isEqualTo(sent);
        assertThat(acknowledged).isGreaterThan(500);
        assertThat(lost).isGreaterThan(500);
        assertThat(many.hasElicitingInFlight()).isFalse();
    }
}
