package io.teahouse.relay.server.conversation;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Waits until something is so; what can be waited for by reading from a connection is not waited for here. */
final class Await {
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000;

    /** Something that will be so. */
    @FunctionalInterface
    interface Condition {
        boolean isSo() throws IOException;
    }

    private Await() {}

    /** Returns once it is so; that it is not within {@link Wire#PATIENCE} is an error. */
    static void until(String what, Condition condition) throws IOException {
        long pauseNanos = FIRST_PAUSE_NANOS;
        long deadline = System.nanoTime() + Wire.PATIENCE.toNanos();
        while (!condition.isSo()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within %s: %s".formatted(Wire.PATIENCE, what));
            }
            LockSupport.parkNanos(pauseNanos);
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        }
    }
}
