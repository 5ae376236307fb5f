package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PacketNumberSourceTest {
    @Property(tries = 100)
    void oneNumberIsLeftOutInEachPowerOfTwo(@ForAll long seed) {
        var numbers = new PacketNumberSource(new Random(seed));
        var taken = new TreeSet<Long>();
        for (int packet = 0; packet < 1100; packet++) {
            long next = numbers.peek();
            assertThat(numbers.take()).isEqualTo(next);
            taken.add(next);
        }

        var skipped = LongStream.range(0, 1024)
                .filter(number -> !taken.contains(number))
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(taken).hasSize(1100);
        assertThat(skipped).hasSize(5);
        assertThat(skipped.first()).isLessThan(64);
        assertThat(skipped.last()).isGreaterThanOrEqualTo(512);
        for (long number : skipped) {
            assertThat(numbers.isUsed(number)).isFalse();
            assertThat(numbers.hasUnused(number, number)).isTrue();
        }
        assertThat(taken).allMatch(numbers::isUsed);
        assertThat(numbers.hasUnused(taken.last(), taken.last())).isFalse();
        assertThat(numbers.hasUnused(taken.last(), numbers.peek())).isTrue();
        assertThat(numbers.isUsed(numbers.peek())).isFalse();
    }

    @Test
    void twoNumbersInARowMayBeLeftOut() {
        // The last of the first 64, and the first of the next.
        var numbers = new PacketNumberSource(new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            private boolean first = true;

            @Override
            public long nextLong(long bound) {
                boolean last = first;
                first = false;
                return last ? bound - 1 : 0;
            }
        });
        for (int packet = 0; packet < 63; packet++) {
            numbers.take();
        }

        assertThat(numbers.peek()).isEqualTo(65);
        assertThat(numbers.take()).isEqualTo(65);
        assertThat(numbers.isUsed(63)).isFalse();
        assertThat(numbers.isUsed(64)).isFalse();
        for (int packet = 66; packet < 128; packet++) {
            numbers.take();
        }
        assertThat(numbers.peek()).isEqualTo(129);
    }
}
