package io.teahouse.quic.simulation;

import io.teahouse.quic.recovery.Ecn;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;

/** One direction of a network: carries datagrams as {@link Conditions} say, by a seed and not by luck. */
final class Link {
    private static final int BURST_LENGTH = 8;
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * What arrives.
     *
     * @param data  the datagram
     * @param from  where it seems to come from
     * @param to    where it goes
     * @param mark  how it is marked
     * @param clean whether it is as it was sent, and for the first time
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Arrival(byte[] data, InetSocketAddress from, InetSocketAddress to, Ecn mark, boolean clean) {}

    private record InFlight(long atNanos, long order, Arrival arrival) {}

    private final Random random;
    private final Queue<InFlight> inFlight =
            new PriorityQueue<>(Comparator.comparingLong(InFlight::atNanos).thenComparingLong(InFlight::order));
    private Conditions conditions;
    private long order;
    private long freeAtNanos;
    private long darkUntilNanos;
    private int lostInBurst;

    Link(Random random, Conditions conditions) {
        this.random = random;
        this.conditions = conditions;
    }

    void change(Conditions now) {
        conditions = now;
    }

    Conditions conditions() {
        return conditions;
    }

    /** Nothing gets through for a time; what is on its way is lost, too. */
    void darken(long untilNanos) {
        darkUntilNanos = Math.max(darkUntilNanos, untilNanos);
        inFlight.clear();
    }

    /** All is well again. */
    void recover() {
        conditions = Conditions.GOOD;
        darkUntilNanos = 0;
    }

    void send(ByteBuffer datagram, Ecn mark, InetSocketAddress from, InetSocketAddress to, long nowNanos) {
        var data = new byte[datagram.remaining()];
        datagram.duplicate().get(data);
        if (random.nextDouble() < conditions.burst()) {
            lostInBurst = 1 + random.nextInt(BURST_LENGTH);
        }
        boolean lost = random.nextDouble() < conditions.loss() || lostInBurst-- > 0;
        lostInBurst = Math.max(0, lostInBurst);
        double waiting = Math.max(0, freeAtNanos - nowNanos) * conditions.bytesPerSecond() / NANOS_PER_SECOND;
        boolean tooMuch = waiting + data.length > conditions.queueBytes();
        if (lost || tooMuch || data.length > conditions.maxBytes() || nowNanos < darkUntilNanos) {
            return;
        }
        freeAtNanos =
                Math.max(freeAtNanos, nowNanos) + (long) (data.length * NANOS_PER_SECOND / conditions.bytesPerSecond());
        boolean congested = conditions.marksAt() > 0 && waiting > conditions.marksAt();
        var seen = conditions.bleaches() ? Ecn.NOT_ECT : congested && mark == Ecn.ECT0 ? Ecn.CE : mark;
        int copies = random.nextDouble() < conditions.duplication() ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            deliver(data, new Arrival(data, from, to, seen, copy == 0));
        }
    }

    private void deliver(byte[] data, Arrival arrival) {
        long delay = conditions.delayNanos();
        delay += conditions.jitterNanos() > 0 ? random.nextLong(conditions.jitterNanos()) : 0;
        if (random.nextDouble() < conditions.reordering()) {
            delay += random.nextLong(2 * conditions.delayNanos());
        }
        boolean changed = random.nextDouble() < conditions.corruption();
        var bytes = changed ? corrupted(data) : data.clone();
        var arrives = new Arrival(bytes, arrival.from(), arrival.to(), arrival.mark(), arrival.clean() && !changed);
        inFlight.add(new InFlight(freeAtNanos + delay, order++, arrives));
    }

    private byte[] corrupted(byte[] data) {
        return switch (random.nextInt(5)) {
            case 0 -> Arrays.copyOf(data, random.nextInt(data.length)); // zero bytes are a datagram, too
            case 1 -> Arrays.copyOf(data, data.length + 1 + random.nextInt(50));
            default -> {
                var bytes = data.clone();
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield bytes;
            }
        };
    }

    Optional<Arrival> receive(long nowNanos) {
        return nextArrivalNanos() > nowNanos
                ? Optional.empty()
                : Optional.of(inFlight.remove().arrival());
    }

    long nextArrivalNanos() {
        var next = inFlight.peek();
        return next == null ? Long.MAX_VALUE : next.atNanos();
    }
}
