package io.teahouse.quic.conversation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;

/** One direction of a path: delays, loses, cuts and narrows by a seed, not by luck. */
final class SimulatedLink {
    private record InFlight(long arrivesAtNanos, ByteBuffer datagram) {}

    private final Random random;
    private final long delayNanos;
    private final double loss;
    private final int maxBytes;
    private final long nanosPerByte;
    private final Queue<InFlight> inFlight = new ArrayDeque<>();
    private long freeAtNanos;
    private boolean cut;
    int delivered;
    int dropped;

    SimulatedLink(Random random, long delayMillis, double loss, int maxBytes, double megabitsPerSecond) {
        this.random = random;
        this.delayNanos = delayMillis * 1_000_000;
        this.loss = loss;
        this.maxBytes = maxBytes;
        this.nanosPerByte = (long) (8000 / megabitsPerSecond);
    }

    void send(byte[] datagram, long nowNanos) {
        // Drawn before all else, so that what happens to one does not shift the luck of the others.
        boolean lost = random.nextDouble() < loss;
        long queueNanos = Math.max(0, freeAtNanos - nowNanos);
        if (lost || cut || datagram.length > maxBytes || queueNanos > 50_000_000) {
            dropped++;
            return;
        }
        freeAtNanos = nowNanos + queueNanos + nanosPerByte * datagram.length;
        inFlight.add(new InFlight(freeAtNanos + delayNanos, ByteBuffer.wrap(datagram)));
    }

    Optional<byte[]> receive(long nowNanos) {
        if (nextArrivalNanos() > nowNanos) {
            return Optional.empty();
        }
        delivered++;
        return Optional.of(inFlight.remove().datagram().array());
    }

    long nextArrivalNanos() {
        var next = inFlight.peek();
        return next == null ? Long.MAX_VALUE : next.arrivesAtNanos();
    }

    void cut() {
        cut = true;
        inFlight.clear();
    }
}
