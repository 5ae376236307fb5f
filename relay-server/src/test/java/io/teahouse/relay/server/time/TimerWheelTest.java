package io.teahouse.relay.server.time;

import static io.teahouse.relay.server.time.TimerWheel.TICK_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Turns a {@link TimerWheel} by hand: hours of its time take no wall time. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimerWheelTest {
    private static final long SECOND = 1_000_000_000L;

    /** One turn of the ring. */
    private static final long TURN = 512 * TICK_NANOS;

    private long nowNanos;
    private TimerWheel wheel = new TimerWheel(0);
    private final List<String> fired = new ArrayList<>();

    /** Notes that it fired, and does what a test wants it to do then. */
    private final class Alarm extends Timer {
        private final String name;
        private final Runnable whenFired;

        Alarm(String name) {
            this(name, () -> {});
        }

        Alarm(String name, Runnable whenFired) {
            this.name = name;
            this.whenFired = whenFired;
        }

        @Override
        protected void onDeadline(long now) {
            assertThat(now).isEqualTo(nowNanos);
            fired.add(name);
            whenFired.run();
        }
    }

    @Test
    void nothingFiresEarlyAndNothingMoreThanATickLate() {
        for (long phase : new long[] {0, 1, TICK_NANOS / 3, TICK_NANOS - 1}) {
            for (long wait : new long[] {0, 1, TICK_NANOS / 2, TICK_NANOS - 1, TICK_NANOS, 10 * SECOND + 1}) {
                start(phase);
                long deadline = phase + wait;
                wheel.set(new Alarm("a"), deadline);

                do {
                    assertThat(nowNanos).isLessThan(deadline + TICK_NANOS);
                    nowNanos += TICK_NANOS;
                    wheel.advance(nowNanos);
                } while (fired.isEmpty());

                assertThat(nowNanos).isBetween(deadline, deadline + TICK_NANOS);
                assertThat(wheel.isEmpty()).isTrue();
            }
        }
    }

    @Test
    void aDeadlineThatIsOverFiresAtTheNextTick() {
        start(SECOND);
        wheel.set(new Alarm("over"), 0);

        advanceTo(SECOND + TICK_NANOS);

        assertThat(fired).containsExactly("over");
    }

    @ParameterizedTest
    @ValueSource(longs = {511, 512, 513, 1023, 1024, 1025, 5000, 36_000})
    void aDeadlineBeyondOneTurnIsKept(long ticks) {
        wheel.set(new Alarm("far"), ticks * TICK_NANOS);

        advanceTo(ticks * TICK_NANOS - 1);
        assertThat(fired).isEmpty();
        advanceTo(ticks * TICK_NANOS + TICK_NANOS);
        assertThat(fired).containsExactly("far");
    }

    @Test
    void aDeadlineCenturiesAwayNeverFiresButMayBeMoved() {
        var timer = new Alarm("a");
        wheel.set(timer, Timer.NEVER - 1);
        advanceTo(3 * TURN);
        assertThat(fired).isEmpty();
        assertThat(wheel.isEmpty()).isFalse();

        wheel.set(timer, 3 * TURN + SECOND);

        advanceTo(3 * TURN + SECOND + TICK_NANOS);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aTimerMovedLaterFiresLater() {
        var timer = new Alarm("a");
        wheel.set(timer, SECOND);
        for (int i = 1; i <= 100; i++) {
            advanceTo(i * SECOND / 2);
            wheel.set(timer, nowNanos + SECOND);
        }
        assertThat(fired).isEmpty();

        advanceTo(51 * SECOND + TICK_NANOS);

        assertThat(fired).containsExactly("a");
    }

    @Test
    void aTimerMovedEarlierFiresEarlierAlsoAfterItWasMovedLater() {
        var timer = new Alarm("a");
        wheel.set(timer, 10 * SECOND);
        wheel.set(timer, 20 * SECOND);
        wheel.set(timer, 15 * SECOND);
        wheel.set(timer, SECOND);

        advanceTo(SECOND + TICK_NANOS);

        assertThat(fired).containsExactly("a");
        advanceTo(21 * SECOND);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aTimerThatWasCancelledOrSetToNeverDoesNotFire() {
        var cancelled = new Alarm("cancelled");
        var never = new Alarm("never");
        wheel.set(cancelled, SECOND);
        wheel.set(never, SECOND);

        wheel.cancel(cancelled);
        wheel.cancel(cancelled);
        wheel.set(never, Timer.NEVER);

        assertThat(wheel.isEmpty()).isTrue();
        advanceTo(2 * SECOND);
        assertThat(fired).isEmpty();
    }

    @Test
    void aTimerMaySetItselfAgainWhenItFires() {
        var holder = new Timer[1];
        holder[0] = new Alarm("beat", () -> wheel.set(holder[0], nowNanos + SECOND));
        wheel.set(holder[0], SECOND);

        advanceTo(10 * SECOND + SECOND / 2);

        assertThat(fired).hasSize(10);
        assertThat(wheel.isEmpty()).isFalse();
    }

    @Test
    void aTimerThatSetsItselfToThePastFiresOncePerTick() {
        var holder = new Timer[1];
        holder[0] = new Alarm("eager", () -> wheel.set(holder[0], 0));
        wheel.set(holder[0], 0);

        advanceTo(10 * TICK_NANOS);

        assertThat(fired).hasSize(10);
    }

    @Test
    void oneThatFiresMayCancelAndMoveOthersThatAreDueAtTheSameTime() {
        var timers = new ArrayList<Timer>();
        Runnable endOthers = () -> {
            wheel.cancel(timers.get(0));
            wheel.cancel(timers.get(1));
            wheel.set(timers.get(2), nowNanos + SECOND);
        };
        timers.add(new Alarm("a", endOthers));
        timers.add(new Alarm("b", endOthers));
        timers.add(new Alarm("c"));
        timers.forEach(timer -> wheel.set(timer, SECOND));
        // Whichever of the first two comes first ends the other; the third one may have fired before.
        advanceTo(SECOND + TICK_NANOS);

        assertThat(fired)
                .containsAnyOf("a", "b")
                .doesNotContainSequence("a", "b")
                .doesNotContainSequence("b", "a");
        assertThat(fired.stream().filter(name -> !name.equals("c")).count()).isEqualTo(1);

        advanceTo(3 * SECOND);
        assertThat(fired).endsWith("c");
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void aWheelThatWasEmptyForLongFindsItsTimeAgain() {
        start(0);
        nowNanos = 1000 * TURN + 12_345;
        wheel.set(new Alarm("a"), nowNanos + SECOND);
        wheel.set(new Alarm("far"), nowNanos + 2 * TURN);

        long from = nowNanos;
        advanceTo(from + SECOND - 1);
        assertThat(fired).isEmpty();
        advanceTo(from + SECOND + TICK_NANOS);
        assertThat(fired).containsExactly("a");
        advanceTo(from + 2 * TURN - 1);
        assertThat(fired).containsExactly("a");
        advanceTo(from + 2 * TURN + TICK_NANOS);
        assertThat(fired).containsExactly("a", "far");
    }

    @Test
    void afterALongPauseEverythingThatIsDueFiresAtOnce() {
        for (int i = 1; i <= 2000; i++) {
            wheel.set(new Alarm("a"), i * TICK_NANOS);
        }

        nowNanos = 1500 * TICK_NANOS;
        wheel.advance(nowNanos);

        assertThat(fired).hasSize(1500);
    }

    @Test
    void oneThatThrowsDoesNotTakeTheOthersWithIt() {
        var failing = new Alarm("failing", () -> {
            throw new IllegalStateException("on purpose");
        });
        for (int i = 0; i < 5; i++) {
            wheel.set(new Alarm("a"), SECOND);
            wheel.set(i == 2 ? failing : new Alarm("b"), SECOND);
        }

        int failures = 0;
        for (nowNanos = 0; nowNanos < 2 * SECOND; nowNanos += TICK_NANOS) {
            try {
                wheel.advance(nowNanos);
            } catch (IllegalStateException e) {
                failures++;
            }
        }

        assertThat(failures).isEqualTo(1);
        assertThat(fired).hasSize(10);
    }

    @Property(tries = 200)
    void anyOperationsAgreeWithAListOfDeadlines(@ForAll long seed) {
        var random = new Random(seed);
        start(random.nextLong(10 * TURN));
        var alarms = new ArrayList<Timer>();
        var expected = new IdentityHashMap<Timer, Long>();
        for (int i = 0; i < 40; i++) {
            alarms.add(new Timer() {
                @Override
                protected void onDeadline(long now) {
                    var deadline = expected.remove(this);
                    assertThat(deadline).as("fired though not set").isNotNull();
                    assertThat(deadline).as("fired early").isLessThanOrEqualTo(now);
                    assertThat(now).isEqualTo(nowNanos);
                    // What happens in a firing timer is as random as the rest.
                    if (random.nextInt(3) == 0) {
                        operate(random, alarms, expected);
                    }
                }
            });
        }

        for (int i = 0; i < 1000; i++) {
            for (int j = random.nextInt(4); j > 0; j--) {
                operate(random, alarms, expected);
            }
            nowNanos += random.nextInt(50) == 0 ? random.nextLong(3 * TURN) : random.nextLong(2 * TICK_NANOS);
            wheel.advance(nowNanos);

            for (var deadline : expected.values()) {
                assertThat(deadline).as("overdue").isGreaterThan(nowNanos - TICK_NANOS);
            }
            assertThat(wheel.isEmpty()).isEqualTo(expected.isEmpty());
        }
    }

    private void operate(Random random, List<Timer> alarms, Map<Timer, Long> expected) {
        var timer = alarms.get(random.nextInt(alarms.size()));
        switch (random.nextInt(6)) {
            case 0 -> {
                wheel.cancel(timer);
                expected.remove(timer);
            }
            case 1 -> {
                wheel.set(timer, Timer.NEVER);
                expected.remove(timer);
            }
            default -> {
                long far = random.nextInt(10) == 0 ? 5 * TURN : 10 * SECOND;
                long deadline = nowNanos + random.nextLong(far);
                wheel.set(timer, deadline);
                expected.put(timer, deadline);
            }
        }
    }

    private void start(long now) {
        nowNanos = now;
        wheel = new TimerWheel(now);
        fired.clear();
    }

    /** Advances as the owner of a wheel does, a tick at a time. */
    private void advanceTo(long time) {
        while (nowNanos < time) {
            nowNanos = Math.min(time, nowNanos + TICK_NANOS);
            wheel.advance(nowNanos);
        }
    }
}
