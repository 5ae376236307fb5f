package io.teahouse.relay.client;

import static io.teahouse.relay.client.AddressFamily.IPV4;
import static io.teahouse.relay.client.AddressFamily.IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.client.ConnectRace.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Times are milliseconds here; IPv6 is preferred. */
class ConnectRaceTest {
    private static final long MS = 1_000_000;

    private final ConnectRace<String> race = new ConnectRace<>(IPV6, 0);

    @Test
    void thePreferredFamilyIsTriedAsSoonAsItsAnswerIsThere() {
        race.resolved(IPV6, List.of("6a"), 5 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(1, "6a"));
    }

    @Test
    void theOtherFamilyWaitsFiftyMillisecondsForThePreferredOne() {
        race.resolved(IPV4, List.of("4a"), 10 * MS);
        assertThat(actions()).isEmpty();
        assertThat(race.nextDeadlineNanos()).isEqualTo(60 * MS);

        race.onDeadline(60 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(1, "4a"));
    }

    @Test
    void itNeedNotWaitWhenThereIsNoPreferredAddress() {
        race.resolved(IPV4, List.of("4a"), 10 * MS);
        race.resolved(IPV6, List.of(), 11 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(1, "4a"));
    }

    @Test
    void thePreferredFamilyThatComesWithinItsHeadStartIsFirst() {
        race.resolved(IPV4, List.of("4a"), 10 * MS);
        race.resolved(IPV6, List.of("6a"), 40 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(1, "6a"));
    }

    @Test
    void attemptsFollowEachOtherByAQuarterOfASecondAndTheFamiliesTakeTurns() {
        race.resolved(IPV6, List.of("6a", "6b"), 0);
        race.resolved(IPV4, List.of("4a", "4b"), 0);
        for (long ms = 0; ms <= 750; ms += 10) {
            race.onDeadline(ms * MS);
        }

        assertThat(actions())
                .containsExactly(
                        new Action.Start<>(1, "6a"),
                        new Action.Start<>(2, "4a"),
                        new Action.Start<>(3, "6b"),
                        new Action.Start<>(4, "4b"));
    }

    @Test
    void theNextAttemptFollowsAtOnceWhenNoneIsPending() {
        race.resolved(IPV6, List.of("6a"), 0);
        race.resolved(IPV4, List.of("4a"), 0);
        actions();

        race.failed(1, "refused", 3 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(2, "4a"));
    }

    @Test
    void theFirstConnectionWinsAndTheOthersAreCancelled() {
        race.resolved(IPV6, List.of("6a"), 0);
        race.resolved(IPV4, List.of("4a"), 0);
        race.onDeadline(250 * MS);
        actions();

        race.connected(2);
        race.connected(1);

        assertThat(actions()).containsExactly(new Action.Cancel<>(1), new Action.Won<>(2));
        assertThat(race.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whenAllHaveFailedItIsToldWhy() {
        race.resolved(IPV6, List.of("6a"), 0);
        race.lookupFailed(IPV4, "unknown host", 0);
        actions();

        race.failed(1, "refused", 3 * MS);

        assertThat(actions()).containsExactly(new Action.Failed<>(true, "IPv4: unknown host; 6a: refused"));
    }

    @Test
    void aHostWithoutAddressesFails() {
        race.resolved(IPV6, List.of(), 0);
        race.resolved(IPV4, List.of(), 0);

        assertThat(actions()).containsExactly(new Action.Failed<>(false, "the host has no addresses"));
    }

    @Test
    void nameServersThatDoNotAnswerAreWaitedForThreeSeconds() {
        assertThat(race.nextDeadlineNanos()).isEqualTo(3000 * MS);

        race.onDeadline(3000 * MS);

        assertThat(actions())
                .containsExactly(new Action.Failed<>(
                        false, "IPv6: look-up took longer than 3 s; IPv4: look-up took longer than 3 s"));
    }

    @Test
    void aFamilyThatAnswersLateIsStillTried() {
        race.resolved(IPV4, List.of("4a"), 0);
        race.onDeadline(50 * MS);
        race.failed(1, "refused", 60 * MS);
        actions();

        race.resolved(IPV6, List.of("6a"), 2000 * MS);

        assertThat(actions()).containsExactly(new Action.Start<>(2, "6a"));
    }

    @Test
    void anAttemptThatIsNotAnsweredIsGivenUpAfterFourSeconds() {
        race.resolved(IPV6, List.of("6a"), 0);
        race.resolved(IPV4, List.of(), 0);
        actions();
        assertThat(race.nextDeadlineNanos()).isEqualTo(4000 * MS);

        race.onDeadline(4000 * MS);

        assertThat(actions())
                .containsExactly(new Action.Cancel<>(1), new Action.Failed<>(true, "6a: no answer within 4 s"));
    }

    @Test
    void ofAHostWithThousandsOfAddressesEightOfEachFamilyAreTried() {
        var many = IntStream.range(0, 5000).mapToObj(Integer::toString).toList();
        race.resolved(IPV6, many, 0);
        race.resolved(IPV4, many, 0);
        for (int attempt = 1; attempt <= 16; attempt++) {
            race.failed(attempt, "refused", MS);
        }

        assertThat(actions()).hasSize(17).last().isInstanceOf(Action.Failed.class);
    }

    private List<Action<String>> actions() {
        var all = new ArrayList<Action<String>>();
        for (var action = race.poll(); action != null; action = race.poll()) {
            all.add(action);
        }
        return all;
    }
}
