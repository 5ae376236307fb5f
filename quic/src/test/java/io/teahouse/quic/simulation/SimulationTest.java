package io.teahouse.quic.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A client and a server over any network and with any work: whatever happens, what arrives is what was sent, limits hold,
 * timers ring seldom, and it ends.
 *
 * <p>{@code -Dquic.simulation.seeds=10000} for more of them, {@code -Dquic.simulation.seed=17} for one alone.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("quic.simulation.seeds", 600);
    private static final long ONLY = Long.getLong("quic.simulation.seed", -1);

    @Test
    void whateverHappensWhatArrivesIsWhatWasSentAndItEnds() {
        var seeds = ONLY >= 0 ? LongStream.of(ONLY) : LongStream.range(0, SEEDS);
        var failures = new ArrayList<String>();
        seeds.forEach(seed -> run(seed, failures));
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.size() + " failed:\n" + String.join("\n", failures));
        }
    }

    private static void run(long seed, List<String> failures) {
        var simulation = new Simulation(Scenario.draw(seed));
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            if (failures.isEmpty()) {
                e.printStackTrace();
            }
            failures.add("-Dquic.simulation.seed=%d: %s".formatted(seed, e));
        }
    }

    public static void main(String[] args) {
        long from = Long.parseLong(args[0]);
        long to = Long.parseLong(args[1]);
        var failures = new ArrayList<String>();
        long start = System.nanoTime();
        for (long seed = from; seed < to; seed++) {
            long before = System.nanoTime();
            var simulation = new Simulation(Scenario.draw(seed));
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException e) {
                if (args.length > 2) {
                    e.printStackTrace();
                }
                failures.add(seed + ": " + e);
            }
            long millis = (System.nanoTime() - before) / 1_000_000;
            if (millis > 1000) {
                System.out.println("slow: " + seed + " " + millis + " ms, steps " + simulation.steps + ", datagrams "
                        + simulation.datagrams + ", at " + simulation.nowNanos / 1_000_000);
            }
        }
        failures.forEach(System.out::println);
        System.out.println(failures.size() + " failed of " + (to - from) + " in "
                + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
}
