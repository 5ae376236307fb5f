package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

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
        assertThat(numbers.hasUnused(taken.last(), taken.last() + 1)).isTrue();
        assertThat(numbers.isUsed(taken.last() + 1)).isFalse();
    }
}
