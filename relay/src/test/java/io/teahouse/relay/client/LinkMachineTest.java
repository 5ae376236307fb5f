package io.teahouse.relay.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.client.LinkMachine.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkMachineTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MS = 1_000_000L;

    private double chance;
    private final LinkMachine machine = new LinkMachine(() -> chance);

    @Test
    void nothingHappensUntilTheRelayIsNeeded() {
        assertThat(machine.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(machine.onDeadline(SECOND)).isEqualTo(Action.NOTHING);
        assertThat(machine.shown()).isEqualTo(new LinkState.Idle());
    }

    @Test
    void theHomeRelayIsDialledAtOnceAndKept() {
        machine.setHome(true, 0);
        assertThat(machine.onDeadline(0)).isEqualTo(Action.DIAL);
        assertThat(machine.shown()).isEqualTo(new LinkState.Connecting(1));

        machine.onConnected();
        machine.onProved(SECOND);

        assertThat(machine.shown()).isEqualTo(new LinkState.Connected(true));
        assertThat(machine.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(machine.onDeadline(3600 * SECOND)).isEqualTo(Action.NOTHING);
    }

    @Test
    void anotherRelayIsLetGoAMinuteAfterItsLastUse() {
        machine.wanted(0);
        machine.onDeadline(0);
        machine.onConnected();

        machine.wanted(30 * SECOND);

        assertThat(machine.onDeadline(89 * SECOND)).isEqualTo(Action.NOTHING);
        assertThat(machine.nextDeadlineNanos()).isEqualTo(90 * SECOND);
        assertThat(machine.onDeadline(90 * SECOND)).isEqualTo(Action.LET_GO);
        assertThat(machine.shown()).isEqualTo(new LinkState.Idle());
    }

    @Test
    void soIsOneThatWasTheHomeAndOneThatCannotBeReached() {
        machine.setHome(true, 0);
        machine.setHome(false, 10 * SECOND);

        assertThat(machine.onDeadline(10 * SECOND)).isEqualTo(Action.DIAL);
        machine.onEnded("refused", 11 * SECOND);
        assertThat(machine.onDeadline(60 * SECOND)).isEqualTo(Action.LET_GO);
    }

    @Test
    void delaysDoubleFromTenMillisecondsToSixteenSeconds() {
        assertThat(delaysOfFailures(14))
                .containsExactly(
                        10 * MS,
                        20 * MS,
                        40 * MS,
                        80 * MS,
                        160 * MS,
                        320 * MS,
                        640 * MS,
                        1280 * MS,
                        2560 * MS,
                        5120 * MS,
                        10_240 * MS,
                        16_000 * MS,
                        16_000 * MS,
                        16_000 * MS);
    }

    @Test
    void chanceAddsUpToAsMuchAgain() {
        chance = 0.5;

        assertThat(delaysOfFailures(3)).containsExactly(15 * MS, 30 * MS, 60 * MS);
    }

    @Test
    void thereIsAlwaysANextAttempt() {
        machine.setHome(true, 0);
        long now = 0;
        for (int i = 0; i < 10_000; i++) {
            now = Math.max(now, machine.nextDeadlineNanos());
            assertThat(machine.onDeadline(now)).isEqualTo(Action.DIAL);
            machine.onEnded("refused", now);
            assertThat(machine.nextDeadlineNanos() - now).isBetween(1L, 32 * SECOND);
        }
    }

    @Test
    void aConnectionThatStoodIsDialledAgainSoonAndDelaysBeginAnew() {
        delaysOfFailures(10);
        machine.onDeadline(machine.nextDeadlineNanos());
        machine.onConnected();
        machine.onProved(100 * SECOND);

        machine.onEnded("gone", 110 * SECOND);

        assertThat(machine.nextDeadlineNanos()).isEqualTo(110 * SECOND + 10 * MS);
    }

    @Test
    void connectionsThatEndRightAfterTheyStoodAreFailures() {
        machine.setHome(true, 0);
        var delays = new ArrayList<Long>();
        long now = 0;
        for (int i = 0; i < 5; i++) {
            now = Math.max(now, machine.nextDeadlineNanos());
            machine.onDeadline(now);
            machine.onConnected();
            machine.onProved(now);
            machine.onEnded("gone", now + SECOND);
            delays.add(machine.nextDeadlineNanos() - now - SECOND);
            now += SECOND;
        }

        assertThat(delays).containsExactly(10 * MS, 20 * MS, 40 * MS, 80 * MS, 160 * MS);
    }

    @Test
    void aRelayThatRestartsIsLeftAloneAsLongAsItAskedFor() {
        up();
        machine.onRestarting(Duration.ofSeconds(2));

        machine.onEnded("restart", SECOND);

        assertThat(machine.nextDeadlineNanos()).isEqualTo(3 * SECOND);
        assertThat(machine.shown()).isEqualTo(new LinkState.Waiting(Duration.ofSeconds(2), "restart"));
    }

    @Test
    void butNotForWeeks() {
        up();
        machine.onRestarting(Duration.ofMillis(0xffff_ffffL));

        machine.onEnded("restart", SECOND);

        assertThat(machine.nextDeadlineNanos()).isEqualTo(61 * SECOND);
    }

    @Test
    void afterAChangeOfTheNetworkWhoWaitsDialsNow() {
        delaysOfFailures(12);
        long now = machine.nextDeadlineNanos() - 15 * SECOND;

        machine.onNetworkChanged(now);

        assertThat(machine.nextDeadlineNanos()).isEqualTo(now);
        assertThat(machine.onDeadline(now)).isEqualTo(Action.DIAL);
    }

    @Test
    void anAttemptOfWhichNothingIsHeardIsGivenUp() {
        machine.setHome(true, 0);
        machine.onDeadline(0);

        assertThat(machine.onDeadline(machine.nextDeadlineNanos())).isEqualTo(Action.GIVE_UP);
        assertThat(machine.shown()).isInstanceOf(LinkState.Waiting.class);
    }

    @Test
    void aMachineThatSleptIsNoticedAndOneThatDidNotIsNot() {
        var watch = new SleepWatch(0, 1000);

        assertThat(watch.slept(5 * SECOND, 6000)).isFalse();
        assertThat(watch.slept(10 * SECOND, 13_900)).isFalse();
        assertThat(watch.slept(15 * SECOND, 3_613_900)).isTrue();
        assertThat(watch.slept(20 * SECOND, 3_618_900)).isFalse();
        assertThat(watch.slept(60 * SECOND, 3_658_900)).isTrue();
    }

    private void up() {
        machine.setHome(true, 0);
        machine.onDeadline(0);
        machine.onConnected();
        machine.onProved(0);
    }

    private List<Long> delaysOfFailures(int count) {
        machine.setHome(true, 0);
        var delays = new ArrayList<Long>();
        long now = 0;
        for (int i = 0; i < count; i++) {
            now = Math.max(now, machine.nextDeadlineNanos());
            machine.onDeadline(now);
            machine.onEnded("refused", now);
            delays.add(machine.nextDeadlineNanos() - now);
        }
        return delays;
    }
}
