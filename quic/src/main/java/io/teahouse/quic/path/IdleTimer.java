package io.teahouse.quic.path;

/**
 * How long a connection, or a path, may be silent (RFC 9000, section 10.1). Not thread-safe.
 *
 * <p>It starts anew with each packet that comes, and with the first one after that which is sent and wants an answer:
 * the other side starts its own when that comes.
 */
public final class IdleTimer {
    /** When there is no limit. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int PROBE_TIMEOUTS = 3;

    private final long timeoutNanos;
    private long deadlineNanos;
    private boolean answerAwaited;

    /**
     * Creates a timer that starts now.
     *
     * @param timeoutNanos how long; {@link #NEVER} for ever
     * @param nowNanos     now
     */
    public IdleTimer(long timeoutNanos, long nowNanos) {
        this.timeoutNanos = timeoutNanos;
        this.deadlineNanos = after(timeoutNanos, nowNanos);
    }

    /**
     * {@return how long a connection may be silent of which both sides have said how long they bear that, in
     * nanoseconds, or {@link #NEVER}}
     *
     * @param ownMillis  ours, in milliseconds; 0 for ever
     * @param peerMillis the peer's, in milliseconds; 0 for ever
     */
    public static long agreedNanos(long ownMillis, long peerMillis) {
        long millis = ownMillis == 0 ? peerMillis : peerMillis == 0 ? ownMillis : Math.min(ownMillis, peerMillis);
        return millis == 0 || millis > NEVER / 1_000_000 ? NEVER : millis * 1_000_000;
    }

    /**
     * Takes in that a packet came and was opened.
     *
     * @param probeTimeoutNanos that of the path: three of them have to fit in, so that a loss or two is not the end
     * @param nowNanos          now
     */
    public void onReceived(long probeTimeoutNanos, long nowNanos) {
        answerAwaited = false;
        restart(probeTimeoutNanos, nowNanos);
    }

    /**
     * Takes in that a packet was sent that the peer has to acknowledge.
     *
     * @param probeTimeoutNanos that of the path
     * @param nowNanos          now
     */
    public void onElicitingSent(long probeTimeoutNanos, long nowNanos) {
        if (!answerAwaited) {
            answerAwaited = true;
            restart(probeTimeoutNanos, nowNanos);
        }
    }

    /**
     * {@return when it has been silent for too long, or {@link #NEVER}}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    private void restart(long probeTimeoutNanos, long nowNanos) {
        deadlineNanos = after(Math.max(timeoutNanos, PROBE_TIMEOUTS * probeTimeoutNanos), nowNanos);
    }

    private static long after(long durationNanos, long nowNanos) {
        return durationNanos > NEVER - nowNanos ? NEVER : nowNanos + durationNanos;
    }
}
