package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.KeepAlive.Verdict;
import org.junit.jupiter.api.Test;

/** Moves the clock of a client that keeps its connection to a relay (iroh relay spec, section 4.7). */
class KeepAliveTest {
    private static final long SECOND = 1_000_000_000L;

    private final KeepAlive keepAlive = KeepAlive.pingingAtOnce(15 * SECOND, 0);

    @Test
    void thePingAfterTheConnectionIsMadeGoesOutAtOnce() {
        assertThat(keepAlive.onDeadline(0, 1)).isEqualTo(Verdict.SEND_PING);
        assertThat(keepAlive.pingPayload()).isEqualTo(1);
    }

    @Test
    void theFirstPongMayTakeFiveSeconds() {
        keepAlive.onDeadline(0, 1);

        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(5 * SECOND);
        assertThat(keepAlive.onDeadline(5 * SECOND - 1, 2)).isEqualTo(Verdict.NOTHING);
        assertThat(keepAlive.onDeadline(5 * SECOND, 2)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void everythingTheRelaySendsPutsTheFirstPingsDeadlineOffByNothing() {
        keepAlive.onDeadline(0, 1);

        keepAlive.onFrame(4 * SECOND);

        assertThat(keepAlive.onDeadline(5 * SECOND, 2)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void fifteenSecondsOfSilenceAreFollowedByAPing() {
        answered(0, SECOND / 10);

        keepAlive.onFrame(7 * SECOND);

        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(22 * SECOND);
        assertThat(keepAlive.onDeadline(22 * SECOND, 9)).isEqualTo(Verdict.SEND_PING);
    }

    @Test
    void aLaterPongMayTakeThreeRoundTrips() {
        answered(0, SECOND);
        long sent = keepAlive.nextDeadlineNanos();
        keepAlive.onDeadline(sent, 9);

        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(sent + 3 * SECOND);
    }

    @Test
    void onAFastNetworkHalfASecondAndOnASlowOneFive() {
        answered(0, SECOND / 1000);
        long sent = keepAlive.nextDeadlineNanos();
        keepAlive.onDeadline(sent, 9);
        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(sent + SECOND / 2);

        keepAlive.onPong(9, sent + 4 * SECOND);
        sent = keepAlive.nextDeadlineNanos();
        keepAlive.onDeadline(sent, 10);
        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(sent + 5 * SECOND);
    }

    @Test
    void aPongThatAnswersNothingIsIgnored() {
        keepAlive.onDeadline(0, 1);

        assertThat(keepAlive.onPong(2, SECOND)).isFalse();

        assertThat(keepAlive.roundTripNanos()).isNegative();
        assertThat(keepAlive.onDeadline(5 * SECOND, 3)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void onlyTheFirstPongIsTheFirst() {
        keepAlive.onDeadline(0, 1);
        assertThat(keepAlive.onPong(1, SECOND)).isTrue();
        assertThat(keepAlive.onPong(1, SECOND)).isFalse();

        keepAlive.onDeadline(keepAlive.nextDeadlineNanos(), 2);
        assertThat(keepAlive.onPong(2, 17 * SECOND)).isFalse();
    }

    @Test
    void aRelayThatOnlyEverSendsIsPingedOnceAMinute() {
        answered(0, SECOND / 10);
        long now = SECOND / 10;
        while (keepAlive.onDeadline(now, 9) == Verdict.NOTHING) {
            now += SECOND;
            keepAlive.onFrame(now);
        }

        assertThat(now).isBetween(60 * SECOND, 62 * SECOND);
    }

    @Test
    void aCheckPingsAtOnceWithTheShortLimitAndForgetsThePingThatIsOut() {
        answered(0, SECOND / 10);
        keepAlive.onDeadline(keepAlive.nextDeadlineNanos(), 8);

        keepAlive.checkNow(16 * SECOND);

        assertThat(keepAlive.onDeadline(16 * SECOND, 9)).isEqualTo(Verdict.SEND_PING);
        assertThat(keepAlive.nextDeadlineNanos()).isEqualTo(16 * SECOND + SECOND / 2);
        assertThat(keepAlive.onPong(8, 16 * SECOND)).isFalse();
        assertThat(keepAlive.onDeadline(17 * SECOND, 10)).isEqualTo(Verdict.GIVE_UP);
    }

    private void answered(long sent, long roundTrip) {
        keepAlive.onDeadline(sent, 1);
        keepAlive.onPong(1, sent + roundTrip);
    }
}
