package io.teahouse.quic;

import io.teahouse.quic.frame.ConnectionFrame;
import java.util.Optional;

/**
 * The end of a connection: closed by us, by the peer, or silently (RFC 9000, section 10.2).
 *
 * <p>Whoever closes says so again to packets that still come, ever more seldom, for three probe timeouts; whoever is
 * told answers once. After that nothing is left. Not thread-safe.
 */
public final class ClosingState {
    /** When nothing is awaited. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int PROBE_TIMEOUTS = 3;

    /** Where it stands. */
    public enum State {
        /** In use. */
        OPEN,
        /** We have closed; the peer may not know. */
        CLOSING,
        /** The peer has closed; packets that still come are its own matter. */
        DRAINING,
        /** Over. */
        CLOSED
    }

    private State state = State.OPEN;
    private Optional<ConnectionFrame> frame = Optional.empty();
    private boolean frameIsDue;
    private long deadlineNanos = NEVER;
    private long received;
    private long answerAfter = 1;

    /** Creates the state of a connection that is in use. */
    public ClosingState() {}

    /**
     * {@return where it stands}
     */
    public State state() {
        return state;
    }

    /**
     * Takes in that we close; nothing changes if somebody has closed before.
     *
     * @param close             what to tell the peer
     * @param probeTimeoutNanos the longest of all paths
     * @param nowNanos          now
     */
    public void close(ConnectionFrame close, long probeTimeoutNanos, long nowNanos) {
        if (state == State.OPEN) {
            state = State.CLOSING;
            frame = Optional.of(close);
            frameIsDue = true;
            deadlineNanos = nowNanos + PROBE_TIMEOUTS * probeTimeoutNanos;
        }
    }

    /**
     * Takes in that the peer has closed.
     *
     * @param answer            what to tell it, once
     * @param probeTimeoutNanos the longest of all paths
     * @param nowNanos          now
     */
    public void onPeerClosed(ConnectionFrame answer, long probeTimeoutNanos, long nowNanos) {
        if (state == State.OPEN) {
            frame = Optional.of(answer);
            frameIsDue = true;
            deadlineNanos = nowNanos + PROBE_TIMEOUTS * probeTimeoutNanos;
        }
        if (state == State.CLOSING) {
            frameIsDue = false; // it knows
        }
        if (state != State.CLOSED) {
            state = State.DRAINING;
        }
    }

    /** Takes in that there is nobody any more to tell: idle for too long, or reset. */
    public void onGone() {
        state = State.CLOSED;
        frame = Optional.empty();
        frameIsDue = false;
        deadlineNanos = NEVER;
    }

    /** Takes in that a packet came although we have closed: the first one is answered, then every second, fourth, ... */
    public void onPacket() {
        if (state == State.CLOSING) {
            received++;
            if (received >= answerAfter) {
                received = 0;
                answerAfter *= 2;
                frameIsDue = true;
            }
        }
    }

    /**
     * {@return what to tell the peer now, which is then regarded as told; or empty}
     */
    public Optional<ConnectionFrame> pollFrame() {
        if (!frameIsDue) {
            return Optional.empty();
        }
        frameIsDue = false;
        return frame;
    }

    /**
     * Takes in the passing of time.
     *
     * @param nowNanos now
     */
    public void handleDeadline(long nowNanos) {
        if (nowNanos >= deadlineNanos) {
            onGone();
        }
    }

    /**
     * {@return when {@link #handleDeadline} has to be called, or {@link #NEVER}}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }
}
