package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which packets are acknowledged and when; times are in milliseconds. */
class AckingTest {
    private static final long MILLI = 1_000_000;

    private final ReceivedPackets received = new ReceivedPackets();
    private final AckSchedule schedule = new AckSchedule(received, MILLI, 25 * MILLI);

    private void receive(long number, long atMillis) {
        receive(number, true, Ecn.NOT_ECT, atMillis);
    }

    private void receive(long number, boolean eliciting, Ecn mark, long atMillis) {
        assertThat(received.isNew(number)).isTrue();
        schedule.onReceiving(number, eliciting, mark, atMillis * MILLI);
        received.onReceived(number, mark, atMillis * MILLI);
    }

    private boolean isDue(long atMillis) {
        return schedule.isDue(atMillis * MILLI);
    }

    @Test
    void aPacketIsNewOnce() {
        assertThat(received.isNew(0)).isTrue();
        receive(0, 0);
        receive(5, 0);

        assertThat(received.isNew(0)).isFalse();
        assertThat(received.isNew(3)).isTrue();
        assertThat(received.isNew(5)).isFalse();
        assertThat(received.isNew(6)).isTrue();
    }

    @Test
    void rangesAreTheHighestFirst() {
        assertThat(received.ranges()).isEmpty();
        receive(0, 0);
        receive(1, 0);
        receive(7, 3);
        receive(5, 4);

        assertThat(received.ranges()).contains(AckRanges.ofBounds(7, 7, 5, 5, 1, 0));
        assertThat(received.largest()).isEqualTo(7);
        assertThat(received.largestReceivedAtNanos()).isEqualTo(3 * MILLI);
    }

    @Test
    void whatThePeerKnowsIsNotSaidAgainButStillNotNew() {
        receive(0, 0);
        receive(1, 0);
        receive(7, 0);

        received.onAckAcknowledged(1);
        assertThat(received.ranges()).contains(AckRanges.of(7, 7));
        assertThat(received.isNew(0)).isFalse();
        assertThat(received.isNew(3)).isTrue();
        received.onAckAcknowledged(7);
        assertThat(received.ranges()).isEmpty();
        received.onAckAcknowledged(3);
        assertThat(received.ranges()).isEmpty();
    }

    @Test
    void whatComesAfterTheOthersWereAcknowledgedIsAcknowledged() {
        receive(1, 0);
        receive(5, 0);
        received.onAckAcknowledged(5);

        receive(3, 0);

        assertThat(received.ranges()).contains(AckRanges.ofBounds(5, 5, 3, 3));
    }

    @Test
    void moreGapsThanAreRememberedAreTakenForReceived() {
        for (int index = 0; index <= ReceivedPackets.MAX_RANGES; index++) {
            receive(2L * index, 0);
        }

        assertThat(received.isNew(1)).isTrue();
        assertThat(received.isNew(0)).isFalse();
        receive(2 * ReceivedPackets.MAX_RANGES + 2L, 0);
        assertThat(received.isNew(1)).isFalse();
        assertThat(received.ranges().orElseThrow().count()).isEqualTo(ReceivedPackets.MAX_ACK_RANGES);
    }

    @Test
    void marksAreCounted() {
        receive(0, true, Ecn.ECT0, 0);
        receive(1, true, Ecn.ECT0, 0);
        receive(2, true, Ecn.ECT1, 0);
        receive(3, true, Ecn.CE, 0);
        receive(4, true, Ecn.NOT_ECT, 0);

        assertThat(received.ecn()).isEqualTo(new EcnCounts(2, 1, 1));
    }

    @ParameterizedTest
    @EnumSource
    void marksHaveTheirBits(Ecn mark) {
        assertThat(Ecn.ofBits(mark.bits())).isEqualTo(mark);
        assertThat(Ecn.ofBits(mark.bits() | 0xfc)).isEqualTo(mark);
    }

    @Test
    void onePacketWaitsForASecondOrAWhile() {
        receive(0, 0);

        assertThat(schedule.deadlineNanos()).isEqualTo(25 * MILLI);
        assertThat(isDue(24)).isFalse();
        assertThat(isDue(25)).isTrue();
        receive(1, 10);
        assertThat(isDue(10)).isTrue();
    }

    @Test
    void onceAllIsAcknowledgedNothingIsDue() {
        receive(0, 0);
        receive(1, 0);

        schedule.onAckSent();

        assertThat(schedule.deadlineNanos()).isEqualTo(AckSchedule.NEVER);
        assertThat(schedule.hasSomethingToAcknowledge()).isFalse();
        receive(2, 1);
        assertThat(isDue(1)).isFalse();
        assertThat(schedule.hasSomethingToAcknowledge()).isTrue();
    }

    @Test
    void whatAsksForNothingIsAcknowledgedWithTheRest() {
        receive(0, false, Ecn.NOT_ECT, 0);

        assertThat(schedule.hasSomethingToAcknowledge()).isFalse();
        assertThat(received.ranges()).isPresent();
    }

    @Test
    void aGapIsToldAtOnce() {
        receive(0, 0);
        schedule.onAckSent();

        receive(2, 1);

        assertThat(isDue(1)).isTrue();
    }

    @Test
    void aLateOneIsToldAtOnce() {
        receive(0, 0);
        receive(2, 0);
        schedule.onAckSent();

        receive(1, 1);

        assertThat(isDue(1)).isTrue();
    }

    @Test
    void congestionIsToldAtOnce() {
        receive(0, true, Ecn.CE, 0);

        assertThat(isDue(0)).isTrue();
    }

    @Test
    void whoAsksIsToldAtOnce() {
        receive(0, 0);

        schedule.onImmediateAck(3 * MILLI);

        assertThat(isDue(3)).isTrue();
        assertThat(isDue(2)).isFalse();
    }

    @Test
    void handshakePacketsAreAcknowledgedAtOnce() {
        var handshake = new AckSchedule(received, 0, 0);

        handshake.onReceiving(0, true, Ecn.NOT_ECT, 7);

        assertThat(handshake.isDue(7)).isTrue();
    }

    @Test
    void thePeerMayWantFewerAcknowledgements() {
        schedule.onAckFrequency(new ConnectionFrame.AckFrequency(3, 9, 100_000, 0));
        schedule.onAckFrequency(new ConnectionFrame.AckFrequency(2, 0, 0, 1));

        for (int number = 0; number < 9; number++) {
            receive(2L * number, number);
            assertThat(isDue(number)).isFalse();
        }
        assertThat(schedule.deadlineNanos()).isEqualTo(100 * MILLI);
        receive(18, 9);
        assertThat(isDue(9)).isTrue();
    }

    @Test
    void thePeerMayWantAcknowledgementsOnlyWhenSomethingIsLost() {
        schedule.onAckFrequency(new ConnectionFrame.AckFrequency(0, 100, 100_000, 3));
        receive(0, 0);
        receive(2, 0); // 1 is missing
        assertThat(isDue(0)).isFalse();
        receive(3, 0);
        assertThat(isDue(0)).isFalse();

        receive(4, 0);

        assertThat(isDue(0)).isTrue();
        schedule.onAckSent();
        // What is missing was told.
        receive(5, 1);
        assertThat(isDue(1)).isFalse();
    }

    @Test
    void noDelayIsShorterOrLongerThanCanBe() {
        schedule.onAckFrequency(new ConnectionFrame.AckFrequency(0, 1, 0, 1));
        receive(0, 0);
        assertThat(schedule.deadlineNanos()).isEqualTo(MILLI);
        schedule.onAckSent();

        schedule.onAckFrequency(new ConnectionFrame.AckFrequency(1, 1, (1L << 62) - 1, 1));
        receive(1, 0);
        assertThat(schedule.deadlineNanos()).isEqualTo(16_383 * MILLI);
    }
}
