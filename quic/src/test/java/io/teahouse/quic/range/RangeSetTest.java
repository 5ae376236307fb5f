package io.teahouse.quic.range;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class RangeSetTest {
    private final RangeSet set = new RangeSet();

    record Change(boolean adds, int from, int length) {}

    @Test
    void rangesThatTouchBecomeOne() {
        set.add(0, 3);
        set.add(6, 9);
        assertThat(set).hasToString("[0-2, 6-8]");

        set.add(3, 6);

        assertThat(set).hasToString("[0-8]");
        assertThat(set.count()).isOne();
    }

    @Test
    void whatIsTakenOutOfTheMiddleLeavesTwoRanges() {
        set.add(0, 10);

        set.remove(3, 5);

        assertThat(set).hasToString("[0-2, 5-9]");
        assertThat(set.size()).isEqualTo(8);
    }

    @Test
    void numbersAsLargeAsTheyCanBeAreNoTrouble() {
        set.add((1L << 62) - 2, 1L << 62);

        assertThat(set.contains((1L << 62) - 1)).isTrue();
        assertThat(set.contains(1L << 62)).isFalse();
    }

    @Property
    void itIsASet(@ForAll("changes") List<Change> changes) {
        var ranges = new RangeSet();
        var numbers = new BitSet();

        for (Change change : changes) {
            int to = change.from() + change.length();
            if (change.adds()) {
                ranges.add(change.from(), to);
                numbers.set(change.from(), to);
            } else {
                ranges.remove(change.from(), to);
                numbers.clear(change.from(), to);
            }
        }

        assertThat(ranges.size()).isEqualTo(numbers.cardinality());
        assertThat(ranges.isEmpty()).isEqualTo(numbers.isEmpty());
        for (int number = 0; number < 130; number++) {
            assertThat(ranges.contains(number)).isEqualTo(numbers.get(number));
            for (int length = 0; length < 4; length++) {
                assertThat(ranges.containsAll(number, number + length))
                        .isEqualTo(numbers.get(number, number + length).cardinality() == length);
            }
        }
        for (int index = 0; index < ranges.count(); index++) {
            assertThat(ranges.start(index)).isLessThan(ranges.end(index));
            assertThat(index == 0 || ranges.end(index - 1) < ranges.start(index))
                    .isTrue();
        }
        ranges.clear();
        assertThat(ranges.isEmpty()).isTrue();
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        return Combinators.combine(
                        Arbitraries.frequency(Tuple.of(2, true), Tuple.of(1, false)),
                        Arbitraries.integers().between(0, 120),
                        Arbitraries.integers().between(0, 9))
                .as(Change::new)
                .list()
                .ofMaxSize(60);
    }
}
