package io.teahouse.quic.congestion;

/**
 * Decides how many bytes may be on their way on one path (RFC 9002, section 7).
 *
 * <p>What is common to all: slow start until the first loss; one reduction for all that was sent before it was made; a
 * minimum that is never undercut; no growth while the window is not used. How the window grows after that, and by how
 * much it is reduced, is what the kinds differ in. Not thread-safe.
 */
public abstract sealed class CongestionController permits NewReno, Cubic {
    private static final int INITIAL_DATAGRAMS = 10;
    private static final int INITIAL_BYTES_MAX = 14_720;
    private static final int MIN_DATAGRAMS = 2;
    private static final long NEVER = Long.MIN_VALUE;

    private int datagramBytes;
    private long windowBytes;
    private long slowStartThresholdBytes = Long.MAX_VALUE;
    private long recoveryStartNanos = NEVER;

    CongestionController(int datagramBytes) {
        this.datagramBytes = datagramBytes;
        this.windowBytes = Math.min(
                (long) INITIAL_DATAGRAMS * datagramBytes,
                Math.max(MIN_DATAGRAMS * (long) datagramBytes, INITIAL_BYTES_MAX));
    }

    /**
     * {@return how many bytes may be on their way}
     */
    public final long windowBytes() {
        return windowBytes;
    }

    /**
     * {@return whether the window doubles with each round trip}
     */
    public final boolean isInSlowStart() {
        return windowBytes < slowStartThresholdBytes;
    }

    /**
     * Takes in that a packet has arrived.
     *
     * @param bytes             its size
     * @param sentAtNanos       when it was sent
     * @param windowWasUsed     whether the window was what kept us from sending more
     * @param smoothedRttNanos  the round trip time of the path
     * @param nowNanos          now
     */
    public final void onAcknowledged(
            int bytes, long sentAtNanos, boolean windowWasUsed, long smoothedRttNanos, long nowNanos) {
        if (isOfRecovery(sentAtNanos)) {
            return;
        }
        if (!windowWasUsed) {
            onWindowUnused(nowNanos);
        } else if (isInSlowStart()) {
            windowBytes += bytes;
        } else {
            windowBytes = Math.max(windowBytes, grown(bytes, smoothedRttNanos, nowNanos));
        }
    }

    /**
     * Takes in that a packet was lost, or was marked on its way.
     *
     * @param sentAtNanos when it was sent
     * @param nowNanos    now
     */
    public final void onCongestion(long sentAtNanos, long nowNanos) {
        if (isOfRecovery(sentAtNanos)) {
            return; // the answer to that was given when the recovery began
        }
        recoveryStartNanos = nowNanos;
        windowBytes = Math.max(reduced(nowNanos), minBytes());
        slowStartThresholdBytes = windowBytes;
    }

    /** Takes in that nothing got through for long: the window begins anew, at its minimum. */
    public final void onPersistentCongestion() {
        windowBytes = minBytes();
        recoveryStartNanos = NEVER;
        onRestart();
    }

    /**
     * Takes in how large datagrams are from now on.
     *
     * @param bytes the UDP payload
     */
    public final void onDatagramSize(int bytes) {
        datagramBytes = bytes;
        windowBytes = Math.max(windowBytes, minBytes());
    }

    final int datagramBytes() {
        return datagramBytes;
    }

    /** The window after a packet has arrived outside of slow start, with the window in use. */
    abstract long grown(int bytes, long smoothedRttNanos, long nowNanos);

    /** The window after congestion was met. */
    abstract long reduced(long nowNanos);

    /** A packet has arrived while the window was not in use. */
    abstract void onWindowUnused(long nowNanos);

    /** The window was set to its minimum. */
    abstract void onRestart();

    private boolean isOfRecovery(long sentAtNanos) {
        return recoveryStartNanos != NEVER && sentAtNanos <= recoveryStartNanos;
    }

    private long minBytes() {
        return (long) MIN_DATAGRAMS * datagramBytes;
    }
}
