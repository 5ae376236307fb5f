package io.teahouse.quic.simulation;

import java.util.Random;

/**
 * What one direction of a network is like.
 *
 * @param delayNanos     how long every datagram takes
 * @param jitterNanos    how much longer at most
 * @param loss           how many are lost, alone
 * @param burst          how often it begins that several are lost in a row
 * @param duplication    how many arrive twice
 * @param reordering     how many take up to three times as long
 * @param corruption     how many arrive changed, cut or with something behind them
 * @param bytesPerSecond how fast it is
 * @param queueBytes     how much waits where it is narrow; the rest is dropped
 * @param marksAt        at how much that waits datagrams are marked instead of dropped later; 0 for never
 * @param bleaches       whether marks of the sender are taken away
 * @param maxBytes       how large datagrams may be
 */
record Conditions(
        long delayNanos,
        long jitterNanos,
        double loss,
        double burst,
        double duplication,
        double reordering,
        double corruption,
        long bytesPerSecond,
        int queueBytes,
        int marksAt,
        boolean bleaches,
        int maxBytes) {
    private static final long MILLI = 1_000_000;

    /** One that does nothing to datagrams but to let them wait. */
    static final Conditions GOOD =
            new Conditions(20 * MILLI, 0, 0, 0, 0, 0, 0, 100_000_000, 10_000_000, 0, false, 1500);

    /** Anything from a cable to the worst that can still be spoken over. */
    static Conditions draw(Random random) {
        boolean lossy = random.nextInt(3) == 0;
        boolean strange = random.nextInt(3) == 0;
        long bytesPerSecond = (long) Math.pow(10, 4.5 + 3.5 * random.nextDouble());
        return new Conditions(
                (long) (MILLI * Math.pow(10, 2.6 * random.nextDouble())),
                random.nextInt(3) == 0 ? random.nextLong(30 * MILLI) : 0,
                lossy ? 0.15 * random.nextDouble() : 0,
                random.nextInt(4) == 0 ? 0.01 * random.nextDouble() : 0,
                strange ? 0.1 * random.nextDouble() : 0,
                strange ? 0.1 * random.nextDouble() : 0,
                strange ? 0.05 * random.nextDouble() : 0,
                bytesPerSecond,
                (int) Math.max(10_000, bytesPerSecond * (0.02 + 0.5 * random.nextDouble())),
                random.nextInt(4) == 0 ? 6_000 : 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0 ? 1200 + random.nextInt(300) : 1500);
    }

    Conditions narrowedTo(int bytes) {
        return new Conditions(
                delayNanos,
                jitterNanos,
                loss,
                burst,
                duplication,
                reordering,
                corruption,
                bytesPerSecond,
                queueBytes,
                marksAt,
                bleaches,
                bytes);
    }
}
