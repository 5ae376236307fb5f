package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class NumberedRingTest {
    @Property(tries = 200)
    void itIsAMapOfGrowingNumbers(@ForAll long seed) {
        var random = new Random(seed);
        var ring = new NumberedRing<String>();
        var map = new TreeMap<Long, String>();
        long next = random.nextInt(3);

        for (int step = 0; step < 1000; step++) {
            if (random.nextInt(5) < 3) {
                ring.add(next, "packet " + next);
                map.put(next, "packet " + next);
                next += 1 + random.nextInt(2);
            } else if (!map.isEmpty()) {
                long number = random.nextBoolean() ? map.firstKey() : map.firstKey() + random.nextInt(50);
                var removed = map.remove(number);
                assertThat(ring.remove(number).orElse("")).isEqualTo(removed == null ? "" : removed);
            }
            assertThat(ring.count()).isEqualTo(map.size());
            assertThat(ring.first()).isEqualTo(map.isEmpty() ? ring.end() : map.firstKey());
        }

        for (long number = -2; number < next + 2; number++) {
            assertThat(ring.get(number).orElse("")).isEqualTo(map.getOrDefault(number, ""));
        }
        assertThat(ring.capacity()).isLessThanOrEqualTo(2048);
    }
}
