package io.teahouse.relay.client;

/**
 * Decides when the relay is pinged, and when its silence is the end (iroh relay spec, section 4.7).
 *
 * <p>The first ping goes out at once, since its pong is the first proof that the relay hears us. Then a frame from the relay
 * puts the next ping off; but a relay that only ever sends, and may have stopped reading, is pinged too,
 * {@link #MAX_UNPROVED_NANOS} after it last proved that it reads. Fed and asked by {@link RelaySession}.
 */
@SansIo
final class KeepAlive {
    /** Silence before a ping: 15 s. */
    static final long PERIOD_NANOS = 15_000_000_000L;

    /** The longest time without a pong, whatever else the relay sends: 60 s. */
    static final long MAX_UNPROVED_NANOS = 60_000_000_000L;

    /** How long a pong may take while no round trip is known, and at most: 5 s. */
    static final long MAX_TIMEOUT_NANOS = 5_000_000_000L;

    /** How long a pong may take at least, on the fastest network: 0.5 s. */
    static final long MIN_TIMEOUT_NANOS = 500_000_000L;

    /** What is to be done. */
    enum Verdict {
        NOTHING,
        SEND_PING,
        GIVE_UP
    }

    private long pingAtNanos;
    private long provedNanos;
    private long timeoutNanos = MAX_TIMEOUT_NANOS;
    private long roundTripNanos = -1;
    private boolean awaitingPong;
    private long pingPayload;
    private long pingSentNanos;

    KeepAlive(long nowNanos) {
        pingAtNanos = nowNanos;
        provedNanos = nowNanos;
    }

    /** Takes note that a frame came, of whatever kind. */
    void onFrame(long nowNanos) {
        pingAtNanos = nowNanos + PERIOD_NANOS;
    }

    /** Takes note of a pong; returns whether it was the first one that answers a ping. One that answers none is ignored. */
    boolean onPong(long payload, long nowNanos) {
        if (!awaitingPong || payload != pingPayload) {
            return false;
        }
        boolean first = roundTripNanos < 0;
        awaitingPong = false;
        provedNanos = nowNanos;
        roundTripNanos = nowNanos - pingSentNanos;
        timeoutNanos = Math.clamp(3 * roundTripNanos, MIN_TIMEOUT_NANOS, MAX_TIMEOUT_NANOS);
        pingAtNanos = nowNanos + PERIOD_NANOS;
        return first;
    }

    /** Has a ping sent now, as after a change of the network; one that is out already is forgotten. */
    void checkNow(long nowNanos) {
        awaitingPong = false;
        pingAtNanos = nowNanos;
    }

    /** Returns what the ping that is out carries. */
    long pingPayload() {
        return pingPayload;
    }

    /** Returns from the last ping to its pong; -1 before the first. */
    long roundTripNanos() {
        return roundTripNanos;
    }

    /** Returns when {@link #onDeadline} is to be called. */
    long nextDeadlineNanos() {
        return awaitingPong ? pingSentNanos + timeoutNanos : Math.min(pingAtNanos, provedNanos + MAX_UNPROVED_NANOS);
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
