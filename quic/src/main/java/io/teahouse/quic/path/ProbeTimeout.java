package io.teahouse.quic.path;

import io.teahouse.quic.recovery.RttEstimator;
import io.teahouse.tls.EncryptionLevel;
import java.util.EnumMap;
import java.util.Set;

/**
 * When to send something on a path because nobody answers, and in which number space (RFC 9002, section 6.2 and
 * appendix A.8).
 *
 * <p>Each time in vain doubles the time until the next, up to {@link #MAX_BACKOFF_NANOS}: with paths that die and
 * others that could be used, waiting longer than that would tell nothing. Not thread-safe.
 */
public final class ProbeTimeout {
    /** How long it takes at most until it is asked again, unless a round trip takes longer. */
    static final long MAX_BACKOFF_NANOS = 2_000_000_000;

    private static final int MAX_DOUBLINGS = 30;

    /** What a timer is for. */
    public enum Reason {
        /** Nothing is awaited. */
        NONE,
        /** A packet is lost by then, if nothing was heard of it. */
        LOSS,
        /** The peer has to be asked. */
        PROBE
    }

    /**
     * When a timer rings.
     *
     * @param reason  what for
     * @param level   in which number space
     * @param atNanos when
     */
    public record Deadline(Reason reason, EncryptionLevel level, long atNanos) {
        /** Never. */
        public static final Deadline NONE = new Deadline(Reason.NONE, EncryptionLevel.ONE_RTT, Long.MAX_VALUE);
    }

    private int inVain;
    private boolean handshakeConfirmed;
    /** Whether the server may be unable to send to us since it has not seen that our address is ours. */
    private boolean peerMayBeStuck;

    private long lastEventNanos;

    ProbeTimeout() {}

    /**
     * Takes in that we are a client that has just begun: as long as the server has not shown that it knows our address
     * to be ours, it may wait for us though we wait for it.
     *
     * @param nowNanos now
     */
    public void expectStuckPeer(long nowNanos) {
        peerMayBeStuck = true;
        lastEventNanos = nowNanos;
    }

    /** Takes in that the handshake is confirmed: before that nobody is asked about 1-RTT packets, nor stuck after. */
    public void onHandshakeConfirmed() {
        handshakeConfirmed = true;
        peerMayBeStuck = false;
    }

    /** Takes in that the timer has rung, and the peer is asked. */
    public void onProbe() {
        inVain++;
    }

    /**
     * {@return how often the peer was asked since it was last heard of}
     */
    public int inVain() {
        return inVain;
    }

    void onElicitingSent(long nowNanos) {
        lastEventNanos = nowNanos;
    }

    void onAcknowledged(EncryptionLevel level, long nowNanos) {
        lastEventNanos = nowNanos;
        if (level != EncryptionLevel.INITIAL) {
            peerMayBeStuck = false;
        }
        // An acknowledgement of Initial packets does not show that the server is not stuck.
        if (!peerMayBeStuck) {
            inVain = 0;
        }
    }

    void reset() {
        inVain = 0;
    }

    /**
     * When to ask.
     *
     * @param inFlight when in each number space the last packet was sent that has to be acknowledged and is not
     * @param levels   the number spaces that there are keys for
     */
    Deadline next(
            EnumMap<EncryptionLevel, Long> inFlight,
            Set<EncryptionLevel> levels,
            RttEstimator rtt,
            long maxAckDelayNanos) {
        if (!handshakeConfirmed) {
            // Nobody is asked about those; if nothing else is on its way, it is as if nothing were.
            inFlight.remove(EncryptionLevel.ONE_RTT);
        }
        if (inFlight.isEmpty()) {
            if (!peerMayBeStuck) {
                return Deadline.NONE;
            }
            var level = levels.contains(EncryptionLevel.HANDSHAKE) && !levels.contains(EncryptionLevel.INITIAL)
                    ? EncryptionLevel.HANDSHAKE
                    : EncryptionLevel.INITIAL;
            return new Deadline(Reason.PROBE, level, lastEventNanos + backedOff(rtt.probeTimeoutNanos(0)));
        }
        var earliest = Deadline.NONE;
        for (var entry : inFlight.entrySet()) {
            var level = entry.getKey();
            long delayNanos = level == EncryptionLevel.ONE_RTT ? maxAckDelayNanos : 0;
            long atNanos = entry.getValue() + backedOff(rtt.probeTimeoutNanos(delayNanos));
            if (atNanos < earliest.atNanos()) {
                earliest = new Deadline(Reason.PROBE, level, atNanos);
            }
        }
        return earliest;
    }

    private long backedOff(long nanos) {
        // Shifting a round trip of hours would overflow; the limit comes first.
        long most = Math.max(nanos, MAX_BACKOFF_NANOS);
        return nanos > most >> Math.min(inVain, MAX_DOUBLINGS) ? most : nanos << inVain;
    }
}
