package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.KeepAlive.Verdict;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moves the clock of a relay that keeps the connection of a client (iroh relay spec, section 4.7). */
class KeepAliveAfterSilenceTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long START = 123_456_789L;
    private static final long PERIOD = 16 * SECOND;
    private static final long PAYLOAD = 0x5E55101DL;

    private final KeepAlive pings = KeepAlive.pingingAfterSilence(PERIOD, START);

    @Test
    void aSilentClientIsPingedAfterItsPeriod() {
        assertThat(pings.nextDeadlineNanos()).isEqualTo(START + PERIOD);

        assertThat(pings.onDeadline(START + PERIOD - 1, PAYLOAD)).isEqualTo(Verdict.NOTHING);
        assertThat(pings.onDeadline(START + PERIOD, PAYLOAD)).isEqualTo(Verdict.SEND_PING);
    }

    @Test
    void everyFramePutsThePingOff() {
        for (long now = START; now < START + 50 * SECOND; now += 5 * SECOND) {
            pings.onFrame(now);
            assertThat(pings.onDeadline(now, PAYLOAD)).isEqualTo(Verdict.NOTHING);
            assertThat(pings.nextDeadlineNanos()).isGreaterThan(now);
        }
        // Not 16 s after the last frame, which would be 61 s: nobody has proved to read for a minute by then.
        assertThat(pings.nextDeadlineNanos()).isEqualTo(START + KeepAlive.MAX_UNPROVED_NANOS);
    }

    @Test
    void aClientThatNeverFallsSilentIsPingedAfterAMinuteAllTheSame() {
        long lastFrame = START;
        for (; lastFrame < START + KeepAlive.MAX_UNPROVED_NANOS - SECOND; lastFrame += SECOND) {
            pings.onFrame(lastFrame);
        }
        assertThat(pings.nextDeadlineNanos()).isEqualTo(START + KeepAlive.MAX_UNPROVED_NANOS);

        long pinged = START + KeepAlive.MAX_UNPROVED_NANOS;
        assertThat(pings.onDeadline(pinged, PAYLOAD)).isEqualTo(Verdict.SEND_PING);
        pings.onFrame(pinged + 1);
        pings.onPong(PAYLOAD, pinged + 1);

        for (long now = pinged + 1; now < pinged + 50 * SECOND; now += SECOND) {
            pings.onFrame(now);
            assertThat(pings.onDeadline(now, PAYLOAD)).isEqualTo(Verdict.NOTHING);
        }
    }

    @Test
    void theFirstPongMayTake5Seconds() {
        long pinged = START + PERIOD;
        pings.onDeadline(pinged, PAYLOAD);

        assertThat(pings.nextDeadlineNanos()).isEqualTo(pinged + 5 * SECOND);
        assertThat(pings.onDeadline(pinged + 5 * SECOND - 1, 0)).isEqualTo(Verdict.NOTHING);
        assertThat(pings.onDeadline(pinged + 5 * SECOND, 0)).isEqualTo(Verdict.GIVE_UP);
    }

    @ParameterizedTest
    @CsvSource({"0, 500", "1, 500", "166, 500", "167, 501", "1000, 3000", "1666, 4998", "1667, 5000", "4999, 5000"})
    void laterPongsMayTakeThreeTimesTheLastRoundTrip(long roundTripMillis, long timeoutMillis) {
        long pinged = START + PERIOD;
        pings.onDeadline(pinged, PAYLOAD);
        long answered = pinged + roundTripMillis * MILLI;
        pings.onFrame(answered);
        pings.onPong(PAYLOAD, answered);

        assertThat(pings.nextDeadlineNanos()).isEqualTo(answered + PERIOD);
        long again = answered + PERIOD;
        assertThat(pings.onDeadline(again, PAYLOAD + 1)).isEqualTo(Verdict.SEND_PING);
        assertThat(pings.nextDeadlineNanos()).isEqualTo(again + timeoutMillis * MILLI);
        assertThat(pings.onDeadline(again + timeoutMillis * MILLI, 0)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void onlyTheMatchingPongCounts() {
        long pinged = START + PERIOD;
        pings.onDeadline(pinged, PAYLOAD);

        pings.onFrame(pinged + SECOND);
        pings.onPong(PAYLOAD + 1, pinged + SECOND);
        pings.onFrame(pinged + 4 * SECOND);

        assertThat(pings.onDeadline(pinged + 5 * SECOND, 0)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void aPongThatNobodyAskedForOrThatComesTwiceChangesNothing() {
        pings.onPong(0, START + SECOND);
        assertThat(pings.nextDeadlineNanos()).isEqualTo(START + PERIOD);

        long pinged = START + PERIOD;
        pings.onDeadline(pinged, PAYLOAD);
        pings.onPong(PAYLOAD, pinged + SECOND);
        long next = pings.nextDeadlineNanos();
        pings.onPong(PAYLOAD, pinged + 2 * SECOND);
        assertThat(pings.nextDeadlineNanos()).isEqualTo(next);

        // The second ping has another payload; the pong of the first does not answer it.
        pings.onDeadline(next, PAYLOAD + 1);
        pings.onPong(PAYLOAD, next + 1);
        assertThat(pings.onDeadline(next + 3 * SECOND, 0)).isEqualTo(Verdict.GIVE_UP);
    }

    @Property
    void aClientThatAnswersIsNeverGivenUpAndPingedInItsPeriod(
            @ForAll @IntRange(min = 16, max = 20) int period,
            @ForAll @LongRange(max = 499_999_999) long roundTripNanos) {
        var schedule = KeepAlive.pingingAfterSilence(period * SECOND, START);
        long now = START;
        for (int i = 0; i < 100; i++) {
            long heard = now;
            now = schedule.nextDeadlineNanos();
            assertThat(now - heard).isEqualTo(period * SECOND);
            assertThat(schedule.onDeadline(now, i)).isEqualTo(Verdict.SEND_PING);
            now += roundTripNanos;
            assertThat(schedule.onDeadline(now, -1)).isEqualTo(Verdict.NOTHING);
            schedule.onFrame(now);
            schedule.onPong(i, now);
        }
    }
}
