package io.teahouse.quic.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.frame.PathFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether an address is proven, how it is asked, and how long it may be silent; times are in milliseconds. */
class PathValidationTest {
    private static final long MILLI = 1_000_000;

    private final PathChallenges challenges = new PathChallenges();

    @Test
    void threeTimesAsMuchAsCameMayGo() {
        var limit = new AmplificationLimit();
        assertThat(limit.isReached()).isTrue();

        limit.onReceived(1200);

        assertThat(limit.allows(3600)).isTrue();
        assertThat(limit.allows(3601)).isFalse();
        limit.onSent(3599);
        assertThat(limit.allows(1)).isTrue();
        limit.onSent(1);
        assertThat(limit.isReached()).isTrue();
        limit.onReceived(1);
        assertThat(limit.allows(3)).isTrue();
        limit.lift();
        assertThat(limit.allows(1_000_000)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"30000, 20000, 20000", "0, 20000, 20000", "30000, 0, 30000"})
    void theSmallerTimeoutHolds(long own, long peers, long agreed) {
        assertThat(IdleTimer.agreedNanos(own, peers)).isEqualTo(agreed * MILLI);
    }

    @Test
    void twoZerosAreForEver() {
        assertThat(IdleTimer.agreedNanos(0, 0)).isEqualTo(IdleTimer.NEVER);
        assertThat(IdleTimer.agreedNanos((1L << 62) - 1, 0)).isEqualTo(IdleTimer.NEVER);
        var timer = new IdleTimer(IdleTimer.NEVER, 5);
        timer.onReceived(MILLI, 6);
        assertThat(timer.deadlineNanos()).isEqualTo(IdleTimer.NEVER);
    }

    @Test
    void whatComesAndTheFirstAnswerThatIsAwaitedStartTheTimerAnew() {
        var timer = new IdleTimer(1000 * MILLI, 0);
        assertThat(timer.deadlineNanos()).isEqualTo(1000 * MILLI);

        timer.onReceived(MILLI, 100 * MILLI);
        assertThat(timer.deadlineNanos()).isEqualTo(1100 * MILLI);
        timer.onElicitingSent(MILLI, 300 * MILLI);
        assertThat(timer.deadlineNanos()).isEqualTo(1300 * MILLI);
        timer.onElicitingSent(MILLI, 400 * MILLI);
        assertThat(timer.deadlineNanos()).isEqualTo(1300 * MILLI);
        timer.onReceived(MILLI, 500 * MILLI);
        timer.onElicitingSent(MILLI, 600 * MILLI);
        assertThat(timer.deadlineNanos()).isEqualTo(1600 * MILLI);
    }

    @Test
    void threeProbeTimeoutsAlwaysFitIn() {
        var timer = new IdleTimer(1000 * MILLI, 0);

        timer.onReceived(700 * MILLI, 0);

        assertThat(timer.deadlineNanos()).isEqualTo(2100 * MILLI);
    }

    @Test
    void itIsAskedAgainAtGrowingIntervals() {
        assertThat(challenges.isRunning()).isFalse();
        challenges.start(0);
        List<Long> gaps = new ArrayList<>();
        long now = 0;
        for (int asked = 0; asked < 6; asked++) {
            assertThat(challenges.deadlineNanos()).isEqualTo(now);
            challenges.onSent(asked, 300 * MILLI, now);
            gaps.add((challenges.deadlineNanos() - now) / MILLI);
            now = challenges.deadlineNanos();
        }

        assertThat(gaps).containsExactly(300L, 600L, 1200L, 2000L, 2000L, 2000L);
    }

    @Test
    void anAnswerToAnyQuestionWillDo() {
        challenges.start(0);
        challenges.onSent(11, 300 * MILLI, 0);
        challenges.onSent(12, 300 * MILLI, 300);

        assertThat(challenges.onResponse(13)).isFalse();
        assertThat(challenges.isRunning()).isTrue();
        assertThat(challenges.onResponse(11)).isTrue();

        assertThat(challenges.isRunning()).isFalse();
        assertThat(challenges.onResponse(12)).isFalse();
    }

    @Test
    void whoBeginsAnewForgetsWhatWasAsked() {
        challenges.start(0);
        challenges.onSent(11, 300 * MILLI, 0);

        challenges.start(1000);

        assertThat(challenges.onResponse(11)).isFalse();
        assertThat(challenges.deadlineNanos()).isEqualTo(1000);
    }

    @Test
    void onlyTheLastQuestionsAreRemembered() {
        challenges.start(0);
        for (int asked = 0; asked <= PathChallenges.MAX_OUTSTANDING; asked++) {
            challenges.onSent(asked, Long.MAX_VALUE / 2, 0);
        }

        assertThat(challenges.onResponse(0)).isFalse();
        assertThat(challenges.onResponse(1)).isTrue();
    }

    @Test
    void theNewestQuestionOfEachAddressIsAnswered() {
        var responses = new PathResponses<String>();
        responses.onChallenge("one", 1);
        responses.onChallenge("other", 2);
        responses.onChallenge("one", 3);

        assertThat(responses.poll()).contains(new PathResponses.Owed<>("one", 3));
        assertThat(responses.poll()).contains(new PathResponses.Owed<>("other", 2));
        assertThat(responses.poll()).isEmpty();
        assertThat(responses.isEmpty()).isTrue();
    }

    @Test
    void soManyAddressesAreAnsweredAtATime() {
        var responses = new PathResponses<Integer>();
        for (int address = 0; address < 1000; address++) {
            responses.onChallenge(address, address);
        }
        responses.onChallenge(0, 77);

        int answered = 0;
        for (var owed = responses.poll(); owed.isPresent(); owed = responses.poll()) {
            answered++;
        }
        assertThat(answered).isEqualTo(PathResponses.MAX_WAITING);
    }

    @Test
    void statusesAreCountedAndOvertakenOnesIgnored() {
        var status = new PathStatus(3);

        assertThat(status.set(false)).isEqualTo(new PathFrame.PathStatusBackup(3, 0));
        assertThat(status.set(true)).isEqualTo(new PathFrame.PathStatusAvailable(3, 1));
        assertThat(status.isAvailable()).isTrue();
        assertThat(status.isPeerAvailable()).isTrue();
        status.onPeer(false, 3);
        status.onPeer(true, 2);
        status.onPeer(true, 3);
        assertThat(status.isPeerAvailable()).isFalse();
        status.onPeer(true, 9);
        assertThat(status.isPeerAvailable()).isTrue();
    }
}
