package io.teahouse.quic.path;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Asks whether a path carries, until it is answered (RFC 9000, section 8.2; iroh QUIC spec, section 2.5).
 *
 * <p>Asked again after a probe timeout, then after twice that, and so on up to {@link #MAX_GAP_NANOS}, each time with
 * new data; an answer to any of them will do. How long to go on is for the path's idle timer to say. Not thread-safe.
 */
public final class PathChallenges {
    /** When nothing is to be asked. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How long it takes at most until it is asked again. */
    static final long MAX_GAP_NANOS = 2_000_000_000;

    /** How many questions are remembered; with such gaps that is half a minute. */
    static final int MAX_OUTSTANDING = 16;

    private static final int MAX_DOUBLINGS = 20;

    private final Queue<Long> outstanding = new ArrayDeque<>();
    private int asked;
    private long deadlineNanos = NEVER;

    /** Creates one that asks nothing yet. */
    public PathChallenges() {}

    /**
     * Begins to ask; what was asked before is forgotten.
     *
     * @param nowNanos now, when the first question is due
     */
    public void start(long nowNanos) {
        outstanding.clear();
        asked = 0;
        deadlineNanos = nowNanos;
    }

    /** Asks no more, and takes no answer. */
    public void stop() {
        outstanding.clear();
        deadlineNanos = NEVER;
    }

    /**
     * {@return when a question is due, or {@link #NEVER}}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /**
     * {@return whether an answer is awaited}
     */
    public boolean isRunning() {
        return deadlineNanos != NEVER;
    }

    /**
     * Takes in that a question was sent.
     *
     * @param data              what was in it: random, and new
     * @param probeTimeoutNanos that of the path
     * @param nowNanos          now
     */
    public void onSent(long data, long probeTimeoutNanos, long nowNanos) {
        if (outstanding.size() == MAX_OUTSTANDING) {
            outstanding.remove();
        }
        outstanding.add(data);
        long gapNanos = probeTimeoutNanos << Math.min(asked, MAX_DOUBLINGS);
        deadlineNanos = nowNanos + Math.clamp(gapNanos, 1, MAX_GAP_NANOS);
        asked++;
    }

    /**
     * Takes in an answer.
     *
     * @param data what was in it
     * @return whether it answers one of the questions, so that the path carries and no more is asked
     */
    public boolean onResponse(long data) {
        boolean answered = outstanding.contains(data);
        if (answered) {
            stop();
        }
        return answered;
    }
}
