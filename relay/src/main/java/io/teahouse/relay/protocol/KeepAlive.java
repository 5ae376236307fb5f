package io.teahouse.relay.protocol;

/**
 * Decides when the other end of a relay connection is pinged, and when its silence is the end (iroh relay spec, section 4.7).
 * The same for a relay and for its clients.
 *
 * <p>A frame from the other end puts the next ping off. But one that only ever sends, and may have stopped reading, is pinged
 * too, {@link #MAX_UNPROVED_NANOS} after it last proved that it reads. Owns no clock. Not thread-safe.
 */
public final class KeepAlive {
    /** The longest time without a pong, whatever else comes: 60 s. */
    public static final long MAX_UNPROVED_NANOS = 60_000_000_000L;

    /** How long a pong may take while no round trip is known, and at most: 5 s. */
    private static final long MAX_TIMEOUT_NANOS = 5_000_000_000L;

    /** How long a pong may take at least, on the fastest network: 0.5 s. */
    private static final long MIN_TIMEOUT_NANOS = 500_000_000L;

    /** What is to be done. */
    public enum Verdict {
        /** It is not time yet. */
        NOTHING,
        /** A ping is to be sent, with the payload that was given. */
        SEND_PING,
        /** The other end has not answered, and is to be given up. */
        GIVE_UP
    }

    private final long periodNanos;
    private long pingAtNanos;
    private long provedNanos;
    private long timeoutNanos = MAX_TIMEOUT_NANOS;
    private long roundTripNanos = -1;
    private boolean awaitingPong;
    private long pingPayload;
    private long pingSentNanos;

    private KeepAlive(long periodNanos, long firstPingNanos, long nowNanos) {
        this.periodNanos = periodNanos;
        this.pingAtNanos = firstPingNanos;
        this.provedNanos = nowNanos;
    }

    /**
     * {@return one that pings at once, since the pong is the first proof that the other end hears us}
     *
     * @param periodNanos silence before a ping
     * @param nowNanos    now
     */
    public static KeepAlive pingingAtOnce(long periodNanos, long nowNanos) {
        return new KeepAlive(periodNanos, nowNanos, nowNanos);
    }

    /**
     * {@return one that first pings after silence}
     *
     * @param periodNanos silence before a ping
     * @param nowNanos    now
     */
    public static KeepAlive pingingAfterSilence(long periodNanos, long nowNanos) {
        return new KeepAlive(periodNanos, nowNanos + periodNanos, nowNanos);
    }

    /**
     * Takes note that a frame came, of whatever kind.
     *
     * @param nowNanos now
     */
    public void onFrame(long nowNanos) {
        pingAtNanos = nowNanos + periodNanos;
    }

    /**
     * Takes note of a pong; one that answers no ping is ignored.
     *
     * @param payload  what it carries
     * @param nowNanos now
     * @return whether it was the first one that answers a ping
     */
    public boolean onPong(long payload, long nowNanos) {
        if (!awaitingPong || payload != pingPayload) {
            return false;
        }
        boolean first = roundTripNanos < 0;
        awaitingPong = false;
        provedNanos = nowNanos;
        roundTripNanos = nowNanos - pingSentNanos;
        timeoutNanos = Math.clamp(3 * roundTripNanos, MIN_TIMEOUT_NANOS, MAX_TIMEOUT_NANOS);
        pingAtNanos = nowNanos + periodNanos;
        return first;
    }

    /**
     * Takes note that we read nothing from the other end, so that it cannot be heard.
     *
     * @param nowNanos now
     */
    public void onHeldBack(long nowNanos) {
        awaitingPong = false;
        provedNanos = nowNanos;
        pingAtNanos = nowNanos + periodNanos;
    }

    /**
     * Has a ping sent now, as after a change of the network; one that is out already is forgotten.
     *
     * @param nowNanos now
     */
    public void checkNow(long nowNanos) {
        awaitingPong = false;
        pingAtNanos = nowNanos;
    }

    /**
     * {@return what the ping that is out carries}
     */
    public long pingPayload() {
        return pingPayload;
    }

    /**
     * {@return from the last ping to its pong; -1 before the first}
     */
    public long roundTripNanos() {
        return roundTripNanos;
    }

    /**
     * {@return when {@link #onDeadline} is to be called}
     */
    public long nextDeadlineNanos() {
        return awaitingPong ? pingSentNanos + timeoutNanos : Math.min(pingAtNanos, provedNanos + MAX_UNPROVED_NANOS);
    }

    /**
     * {@return what is to be done now; calling it early does nothing}
     *
     * @param nowNanos now
     * @param payload  what a ping that is to be sent now will carry
     */
    public Verdict onDeadline(long nowNanos, long payload) {
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
