package io.teahouse.quic.simulation;

import org.junit.jupiter.api.Test;

/**
 * A client and a server over any network and with any work: whatever happens, what arrives is what was sent, limits hold,
 * timers ring seldom, and it ends.
 *
 * <p>{@code -Dquic.simulation.seeds=10000} for more of them, {@code -Dquic.simulation.seed=17} for one alone.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("quic.simulation.seeds", 3000);
    private static final long ONLY = Long.getLong("quic.simulation.seed", -1);

    @Test
    void whateverHappensWhatArrivesIsWhatWasSentAndItEnds() {
        long from = Math.max(0, ONLY);
        long to = ONLY >= 0 ? ONLY + 1 : SEEDS;
        for (long seed = from; seed < to; seed++) {
            try {
                new Simulation(Scenario.draw(seed)).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dquic.simulation.seed=" + seed, e);
            }
        }
    }
}
