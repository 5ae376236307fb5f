package io.teahouse.relay.server.forwarding;

/**
 * Decides when a client is pinged and when its silence is the end (iroh relay spec, section 4.7).
 *
 * <p>A frame from the client puts the next ping off. But a client that only ever sends, and may have stopped reading, is
 * pinged too, {@link #MAX_UNPROVED_NANOS} after it last proved that it reads. Fed and asked by
 * {@link ClientConnection}; owns no clock. Not thread-safe.
 */
final class PingSchedule {
    /** Shortest and longest silence before a ping; each connection draws its own, in whole seconds. */
    static final int MIN_PERIOD_SECONDS = 16;

    static final int MAX_PERIOD_SECONDS = 20;

    /** The longest time without a pong, whatever else the client sends: 60 s. */
    static final long MAX_UNPROVED_NANOS = 60_000_000_000L;

    private static final long MAX_TIMEOUT_NANOS = 5_000_000_000L;
    private static final long MIN_TIMEOUT_NANOS = 500_000_000L;

    /** What is to be done. */
    enum Verdict {
        NOTHING,
        SEND_PING,
        GIVE_UP
    }

    private final long periodNanos;
    private long heardNanos;
    private long provedNanos;
    private long timeoutNanos = MAX_TIMEOUT_NANOS;
    private boolean awaitingPong;
    private long pingPayload;
    private long pingSentNanos;

    PingSchedule(int periodSeconds, long nowNanos) {
        assert periodSeconds >= MIN_PERIOD_SECONDS && periodSeconds <= MAX_PERIOD_SECONDS : periodSeconds;
        periodNanos = periodSeconds * 1_000_000_000L;
        heardNanos = nowNanos;
        provedNanos = nowNanos;
    }

    /** Takes note that a frame came, of whatever kind. */
    void onFrame(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** Takes note of a pong; one that answers nothing is ignored. */
    void onPong(long payload, long nowNanos) {
        if (awaitingPong && payload == pingPayload) {
            awaitingPong = false;
            provedNanos = nowNanos;
            timeoutNanos = Math.clamp(3 * (nowNanos - pingSentNanos), MIN_TIMEOUT_NANOS, MAX_TIMEOUT_NANOS);
        }
    }

    /** Takes note that nothing is read from the client, so that it cannot be heard. */
    void onHeldBack(long nowNanos) {
        awaitingPong = false;
        heardNanos = nowNanos;
        provedNanos = nowNanos;
    }

    /** Returns when {@link #onDeadline} is to be called. */
    long nextDeadlineNanos() {
        if (awaitingPong) {
            return pingSentNanos + timeoutNanos;
        }
        return Math.min(heardNanos + periodNanos, provedNanos + MAX_UNPROVED_NANOS);
    }

    /**
     * Takes in the passing of time; calling it early does nothing.
     *
     * @param payload what a ping that is to be sent now will carry
     */
    Verdict onDeadline(long nowNanos, long payload) {
        if (nowNanos < nextDeadlineNanos()) {
            return Verdict.NOTHING;
        }
        if (awaitingPong) {
            return Verdict.GIVE_UP;
        }
        awaitingPong = true;
        pingPayload = payload;
        pingSentNanos = nowNanos;
        return Verdict.SEND_PING;
    }
}
