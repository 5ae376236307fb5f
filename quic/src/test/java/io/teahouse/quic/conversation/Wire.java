package io.teahouse.quic.conversation;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;

/** One direction between two hosts: loses, doubles, overtakes and corrupts by a seed, not by luck. */
final class Wire {
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record InFlight(long arrivesAtNanos, long order, byte[] datagram) {}

    /** What may become of a datagram; the rest arrives after the delay. */
    record Faults(double loss, double duplication, double reordering, double corruption) {
        static final Faults NONE = new Faults(0, 0, 0, 0);
    }

    private static final long MILLI = 1_000_000;

    private final Random random;
    private final long delayNanos;
    private final Faults faults;
    private final Queue<InFlight> inFlight = new PriorityQueue<>(
            Comparator.comparingLong(InFlight::arrivesAtNanos).thenComparingLong(InFlight::order));
    private long order;
    private boolean cut;

    Wire(long seed, long delayMillis, Faults faults) {
        this.random = new Random(seed);
        this.delayNanos = delayMillis * MILLI;
        this.faults = faults;
    }

    void send(ByteBuffer data, long nowNanos) {
        boolean lost = random.nextDouble() < faults.loss();
        boolean doubled = random.nextDouble() < faults.duplication();
        for (int copy = 0; copy < (doubled ? 2 : 1); copy++) {
            boolean late = random.nextDouble() < faults.reordering();
            long delay = delayNanos + (late ? random.nextLong(2 * delayNanos) : 0);
            if (!lost && !cut) {
                var bytes = new byte[data.remaining()];
                data.duplicate().get(bytes);
                if (random.nextDouble() < faults.corruption()) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
                }
                inFlight.add(new InFlight(nowNanos + delay, order++, bytes));
            }
        }
    }

    Optional<byte[]> receive(long nowNanos) {
        return nextArrivalNanos() > nowNanos
                ? Optional.empty()
                : Optional.of(inFlight.remove().datagram());
    }

    long nextArrivalNanos() {
        var next = inFlight.peek();
        return next == null ? Long.MAX_VALUE : next.arrivesAtNanos();
    }

    void cut() {
        cut = true;
    }
}
