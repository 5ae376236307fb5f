package io.teahouse.relay.server.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When certificates are ordered; time is moved by hand, and chance is what the test says. */
class RenewalScheduleTest {
    private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");
    private static final Duration SEASON = Duration.ofDays(90);

    private double chance;
    private final RenewalSchedule schedule = new RenewalSchedule(() -> chance);

    private void issued(Instant from, Duration life) {
        schedule.certificate(from, from.plus(life), from);
    }

    private static Instant day(double number) {
        return START.plus(Duration.ofMinutes((long) (number * 24 * 60)));
    }

    @Test
    void withoutACertificateOneIsOrderedAtOnce() {
        assertThat(schedule.orderAt()).isBefore(START);
        assertThat(schedule.askAt()).isAfter(day(365_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1M", "PT2H", "P6D", "P45D", "P90D"})
    void certificatesAreReplacedWhenTwoThirdsOfTheirLifeAreOverOrALittleBefore(Duration life) {
        issued(START, life);
        assertThat(schedule.orderAt())
                .isBetween(
                        START.plus(life.multipliedBy(666).dividedBy(1000)),
                        START.plus(life.multipliedBy(667).dividedBy(1000)));

        chance = 0.999;
        issued(START, life);
        assertThat(schedule.orderAt())
                .isBetween(
                        START.plus(life.multipliedBy(616).dividedBy(1000)),
                        START.plus(life.multipliedBy(618).dividedBy(1000)));
    }

    @Test
    void aCertificateFromTheCacheThatIsPastItsTimeIsReplacedAtOnce() {
        schedule.certificate(day(-80), day(10), START);

        assertThat(schedule.orderAt()).isBefore(START);
    }

    @Test
    void afterFailuresThatMayPassThePausesDoubleUpToAnHour() {
        chance = 0.5;
        for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600}) {
            schedule.failed(Trouble.Kind.PASSING, Optional.empty(), START);
            assertThat(schedule.orderAt()).isEqualTo(START.plusSeconds(seconds));
        }
    }

    @Test
    void afterARefusalThePausesAreLongerSinceAuthoritiesCountThem() {
        chance = 0.5;
        for (long minutes : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            schedule.failed(Trouble.Kind.REFUSED, Optional.empty(), START);
            assertThat(schedule.orderAt()).isEqualTo(START.plus(Duration.ofMinutes(minutes)));
        }
    }

    @Test
    void whatLivesForMinutesDoesNotWaitForAnHour() {
        chance = 0.5;
        issued(START, Duration.ofMinutes(20));
        for (int i = 0; i < 20; i++) {
            schedule.failed(Trouble.Kind.PASSING, Optional.empty(), START.plusSeconds(1000));
        }

        assertThat(schedule.orderAt()).isEqualTo(START.plusSeconds(1120));
    }

    @Test
    void theAuthorityIsNotAskedBeforeItWantsToBe() {
        schedule.failed(Trouble.Kind.REFUSED, Optional.of(START.plusSeconds(7200)), START);
        assertThat(schedule.orderAt()).isEqualTo(START.plusSeconds(7200));

        schedule.wanted(true, START.plusSeconds(10));

        assertThat(schedule.orderAt()).isEqualTo(START.plusSeconds(7200));
    }

    @Test
    void noAuthorityCanPutUsOffForMoreThanADay() {
        schedule.failed(Trouble.Kind.REFUSED, Optional.of(day(1000)), START);

        assertThat(schedule.orderAt()).isEqualTo(day(1));
    }

    @Test
    void whoeverMendedSomethingNeedNotWait() {
        schedule.failed(Trouble.Kind.REFUSED, Optional.empty(), START);
        assertThat(schedule.orderAt()).isAfter(START);

        schedule.wanted(false, START);

        assertThat(schedule.orderAt()).isBefore(START);
    }

    @Test
    void askingForItDoesNotReplaceACertificateThatIsNotDue() {
        issued(START, SEASON);
        var due = schedule.orderAt();
        schedule.nothingSuggested(Optional.empty(), START);

        schedule.wanted(false, day(1));

        assertThat(schedule.orderAt()).isEqualTo(due);
        assertThat(schedule.askAt()).isEqualTo(day(1));
    }

    @Test
    void anotherCertificateThatIsWantedIsOrderedWhateverTheAuthoritySuggests() {
        issued(START, SEASON);
        schedule.wanted(true, day(1));
        assertThat(schedule.orderAt()).isBefore(day(1));

        schedule.suggested(day(59), day(61), Optional.empty(), day(1));

        assertThat(schedule.orderAt()).isBefore(day(1));
        issued(day(1), SEASON);
        assertThat(schedule.orderAt()).isAfter(day(50));
    }

    @Test
    void aRevokedCertificateIsReplacedAtOnce() {
        issued(START, SEASON);
        assertThat(schedule.askAt()).isEqualTo(START);

        schedule.suggested(day(9), day(9.01), Optional.empty(), day(10));

        assertThat(schedule.orderAt()).isBefore(day(10));
    }

    @Test
    void anAuthorityThatWantsItSoonerChoosesTheTime() {
        chance = 0.5;
        issued(START, SEASON);

        schedule.suggested(day(20), day(22), Optional.empty(), day(10));

        assertThat(schedule.orderAt()).isEqualTo(day(21));
    }

    @Test
    void anAuthorityThatWantsItLaterIsObeyedUpToFiveSixths() {
        chance = 0.5;
        issued(START, SEASON);

        schedule.suggested(day(68), day(70), Optional.empty(), day(10));
        assertThat(schedule.orderAt()).isEqualTo(day(69));

        schedule.suggested(day(88), day(89), Optional.empty(), day(10));
        assertThat(schedule.orderAt()).isEqualTo(day(75));
    }

    @Test
    void aTimeThatSuitsTheAuthorityIsKept() {
        issued(START, SEASON);
        var due = schedule.orderAt();

        schedule.suggested(START, START.plus(SEASON), Optional.empty(), day(1));
        schedule.suggested(day(70), day(65), Optional.empty(), day(1)); // no time at all

        assertThat(schedule.orderAt()).isEqualTo(due);
    }

    @Test
    void theAuthorityIsAskedAgainWhenItWantsThatButWithinADay() {
        issued(START, SEASON);
        schedule.suggested(day(59), day(61), Optional.of(START.plusSeconds(6 * 3600)), START);
        assertThat(schedule.askAt()).isEqualTo(START.plusSeconds(6 * 3600));

        schedule.suggested(day(59), day(61), Optional.of(START.plusSeconds(1)), START);
        assertThat(schedule.askAt()).isEqualTo(START.plusSeconds(60));

        schedule.suggested(day(59), day(61), Optional.of(day(40)), START);
        assertThat(schedule.askAt()).isEqualTo(day(1));

        schedule.nothingSuggested(Optional.empty(), START);
        assertThat(schedule.askAt()).isEqualTo(START.plusSeconds(6 * 3600));
    }

    @Test
    void anAuthorityThatWantsEachCertificateReplacedAtOnceIsObeyedLessAndLessQuickly() {
        chance = 0.5;
        var now = START;
        var pause = Duration.ZERO;
        for (int i = 0; i < 10; i++) {
            issued(now, SEASON);
            schedule.suggested(now.minusSeconds(7200), now.minusSeconds(3600), Optional.empty(), now);
            var next = schedule.orderAt();
            if (i >= 2) {
                assertThat(Duration.between(now, next))
                        .isBetween(pause.plusMillis(1), Duration.ofHours(1).plusSeconds(i));
                pause = Duration.between(now, next).minusMillis(i > 6 ? 1 : 0);
                now = next;
            } else {
                assertThat(next).isBefore(now);
                now = now.plusSeconds(1);
            }
        }
        assertThat(pause).isGreaterThan(Duration.ofMinutes(50));
    }
}
