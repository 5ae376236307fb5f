package io.teahouse.relay.server.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How groups of clients share a rate, in a time that the test moves. */
class FairRateTest {
    private static final long SECOND = 1_000_000_000;
    private static final long STEP = SECOND / 1000;
    private static final int READ = 1000;

    private final FairRate rate = new FairRate(ReceiveLimit.ofRate(1_000_000));
    private long now;

    /** A group that wants so many bytes a second, and has as many chances a step to ask for them. */
    private static final class Group {
        final FairRate.Part part = new FairRate.Part();
        final long wantedPerSecond;
        final int chances;
        long wanted;
        long had;

        Group(long wantedPerSecond, int chances) {
            this.wantedPerSecond = wantedPerSecond;
            this.chances = chances;
        }

        void step(FairRate rate, long now) {
            wanted = Math.min(wanted + wantedPerSecond / 1000, 50L * READ);
            for (int i = 0; i < chances && wanted >= READ && rate.waitNanos(part, now) == 0; i++) {
                rate.take(part, READ, now);
                wanted -= READ;
                had += READ;
            }
        }
    }

    private void run(int seconds, Group... groups) {
        Arrays.stream(groups).forEach(group -> group.had = 0);
        for (long end = now + seconds * SECOND; now < end; now += STEP) {
            for (var group : groups) {
                group.step(rate, now);
            }
        }
    }

    @Test
    void oneThatIsAloneHasAllOfIt() {
        var alone = new Group(10_000_000, 10);
        run(10, alone);
        assertThat(alone.had).isCloseTo(10_000_000, within(500_000L));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void twoThatWantMoreHaveHalfEachHoweverOftenTheyAsk(int chancesOfTheOther) {
        var one = new Group(10_000_000, 1);
        var other = new Group(10_000_000, chancesOfTheOther);
        run(2, other, one);
        run(10, other, one);
        assertThat(one.had).isGreaterThan(4_500_000);
        assertThat(other.had).isGreaterThan(4_500_000);
        assertThat(one.had + other.had).isCloseTo(10_000_000, within(1_000_000L));
    }

    @Test
    void whoWantsLessThanItsPartNeverWaitsAndTheRestIsForTheOther() {
        var modest = new Group(200_000, 1);
        var greedy = new Group(10_000_000, 100);
        run(2, greedy, modest);
        run(10, greedy, modest);
        assertThat(modest.had).isCloseTo(2_000_000, within(10_000L));
        assertThat(greedy.had).isCloseTo(8_000_000, within(800_000L));
    }

    @Test
    void whoComesLaterHasItsPartSoon() {
        var first = new Group(10_000_000, 100);
        run(30, first);
        var second = new Group(10_000_000, 1);
        run(1, first, second);
        assertThat(second.had).isGreaterThan(400_000);
        // What the first had had alone is not held against it.
        assertThat(first.had).isGreaterThan(350_000);
    }

    @Test
    void whoHasGoneLeavesItsPartToTheOthers() {
        var one = new Group(10_000_000, 1);
        var other = new Group(10_000_000, 1);
        run(5, one, other);
        run(1, one);
        run(10, one);
        assertThat(one.had).isCloseTo(10_000_000, within(500_000L));
    }
}
