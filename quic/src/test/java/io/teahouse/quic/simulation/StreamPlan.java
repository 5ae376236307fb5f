package io.teahouse.quic.simulation;

import io.teahouse.quic.wire.Role;
import java.util.Random;

/**
 * What becomes of one direction of a stream, which both sides know beforehand, so that each can say whether the other did
 * it.
 *
 * @param size      how many bytes the sender writes, then it ends the stream
 * @param resetAt   after how many bytes the sender gives up instead; -1 for not
 * @param stopAt    after how many bytes the receiver wants no more; -1 for not
 * @param priority  the sender's
 * @param chunk     how much is written, and read, at a time
 * @param restNanos how long the sender rests after a chunk
 * @param slowNanos how long the receiver rests after a chunk
 */
record StreamPlan(int size, int resetAt, int stopAt, int priority, int chunk, long restNanos, long slowNanos) {
    private static final long MILLI = 1_000_000;

    /** The plan for what one side sends on a stream. */
    static StreamPlan of(long seed, Role sender, long id, int maxSize) {
        var random = new Random(seed * 1_000_003 + id * 31 + numberOf(sender));
        random.nextInt(); // the first ones of seeds that are near each other are near each other
        int size = (int) Math.pow(maxSize, random.nextDouble()) - 1;
        int resetAt = random.nextInt(6) == 0 ? random.nextInt(size + 1) : -1;
        int stopAt = random.nextInt(8) == 0 ? random.nextInt(size + 1) : -1;
        int chunk = 1 + random.nextInt(1 + Math.max(size / 5, 2000));
        long restNanos = random.nextInt(4) == 0 ? random.nextLong(30 * MILLI) : 0;
        long slowNanos = random.nextInt(4) == 0 ? random.nextLong(50 * MILLI) : 0;
        return new StreamPlan(size, resetAt, stopAt, random.nextInt(3), chunk, restNanos, slowNanos);
    }

    /** The code with which the sender gives up. */
    static long resetCode(long id) {
        return id + 1000;
    }

    /** The code with which the receiver wants no more. */
    static long stopCode(long id) {
        return id + 2000;
    }

    /** What one side writes at an offset. */
    static byte byteAt(Role sender, long id, long offset) {
        return (byte) (offset ^ (offset >>> 7) ^ (id * 37) ^ (numberOf(sender) * 101L));
    }

    /** A number for each side. */
    static int numberOf(Role role) {
        return role == Role.CLIENT ? 0 : 1;
    }
}
