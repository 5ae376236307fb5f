package io.teahouse.quic.path;

import java.util.OptionalInt;

/**
 * Finds out how large the datagrams of a path may be (RFC 9000, section 14.3; RFC 8899).
 *
 * <p>Begins with what every path of QUIC carries and halves the distance to the largest size with each probe. When
 * large datagrams no longer arrive, it falls back to the beginning. One probe is on its way at a time. Not thread-safe.
 */
public final class MtuDiscovery {
    /** What every path carries (RFC 9000, section 14). */
    public static final int BASE_BYTES = 1200;

    /** What is tried at most: an Ethernet frame less the headers of IPv6 and UDP. */
    public static final int MAX_BYTES = 1452;

    /** When nothing is to be tried. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What is gained by another probe is not worth it if it is less than this. */
    static final int MIN_STEP = 20;

    static final int MAX_TRIES = 3;
    static final int BURSTS_UNTIL_FALLBACK = 3;
    static final long SEARCH_AGAIN_NANOS = 600_000_000_000L;
    static final long AFTER_FALLBACK_NANOS = 60_000_000_000L;

    private int maxBytes;
    private int mtuBytes = BASE_BYTES;
    /** The smallest size that does not arrive; nothing above it is tried. */
    private int tooLargeBytes;

    private int probeBytes;
    private int tries;
    private boolean probeOnItsWay;
    private long searchAtNanos;
    private int suspiciousBursts;

    /**
     * Creates one that begins to search now.
     *
     * @param peersMaxBytes how large the datagrams are that the peer takes: its max_udp_payload_size
     * @param nowNanos      now
     */
    public MtuDiscovery(long peersMaxBytes, long nowNanos) {
        this.maxBytes = (int) Math.max(BASE_BYTES, Math.min(MAX_BYTES, peersMaxBytes));
        this.tooLargeBytes = maxBytes + 1;
        this.searchAtNanos = nowNanos;
        chooseProbe();
    }

    /**
     * Takes in how large the datagrams are that the peer takes, before anything was tried.
     *
     * @param bytes its max_udp_payload_size
     */
    public void setPeersMaxBytes(long bytes) {
        maxBytes = (int) Math.max(BASE_BYTES, Math.min(MAX_BYTES, bytes));
        tooLargeBytes = maxBytes + 1;
        chooseProbe();
    }

    /**
     * {@return how large datagrams may be}
     */
    public int mtuBytes() {
        return mtuBytes;
    }

    /**
     * {@return how large a probe is to be sent now, or empty}
     *
     * @param nowNanos now
     */
    public OptionalInt probeDue(long nowNanos) {
        if (probeOnItsWay || nowNanos < searchAtNanos) {
            return OptionalInt.empty();
        }
        if (probeBytes == 0) {
            tooLargeBytes = maxBytes + 1;
            chooseProbe();
        }
        return probeBytes == 0 ? OptionalInt.empty() : OptionalInt.of(probeBytes);
    }

    /**
     * {@return when {@link #probeDue} has to be asked again, or {@link #NEVER} if something else has to happen first}
     */
    public long deadlineNanos() {
        return probeOnItsWay || mtuBytes == maxBytes ? NEVER : searchAtNanos;
    }

    /** Takes in that a probe of the size that was due was sent. */
    public void onProbeSent() {
        probeOnItsWay = true;
        tries++;
    }

    /**
     * Takes in that the probe has arrived.
     *
     * @param bytes    its size
     * @param nowNanos now
     */
    public void onProbeAcknowledged(int bytes, long nowNanos) {
        probeOnItsWay = false;
        suspiciousBursts = 0;
        if (bytes > mtuBytes && bytes < tooLargeBytes) {
            mtuBytes = bytes;
        }
        next(nowNanos);
    }

    /**
     * Takes in that the probe was lost.
     *
     * @param nowNanos now
     */
    public void onProbeLost(long nowNanos) {
        probeOnItsWay = false;
        if (tries < MAX_TRIES) {
            return;
        }
        tooLargeBytes = probeBytes;
        next(nowNanos);
    }

    /**
     * Takes in that an ordinary packet has arrived.
     *
     * @param bytes its size
     */
    public void onAcknowledged(int bytes) {
        if (bytes > BASE_BYTES) {
            suspiciousBursts = 0;
        }
    }

    /**
     * Takes in that ordinary packets were lost together.
     *
     * @param smallestBytes the size of the smallest
     * @param nowNanos      now
     * @return whether datagrams have to be as small as in the beginning from now on
     */
    public boolean onBurstLost(int smallestBytes, long nowNanos) {
        if (smallestBytes <= BASE_BYTES || mtuBytes == BASE_BYTES) {
            return false; // their size was not the reason
        }
        suspiciousBursts++;
        if (suspiciousBursts < BURSTS_UNTIL_FALLBACK) {
            return false;
        }
        suspiciousBursts = 0;
        mtuBytes = BASE_BYTES;
        probeBytes = 0;
        tries = 0;
        probeOnItsWay = false;
        searchAtNanos = nowNanos + AFTER_FALLBACK_NANOS;
        return true;
    }

    /**
     * Takes in that the path now leads to another address, of which nothing is known.
     *
     * @param nowNanos now
     */
    public void restart(long nowNanos) {
        mtuBytes = BASE_BYTES;
        tooLargeBytes = maxBytes + 1;
        suspiciousBursts = 0;
        tries = 0;
        probeOnItsWay = false;
        searchAtNanos = nowNanos;
        chooseProbe();
    }

    private void next(long nowNanos) {
        tries = 0;
        chooseProbe();
        if (probeBytes == 0) {
            searchAtNanos = nowNanos + SEARCH_AGAIN_NANOS;
        }
    }

    /** Half way up; the top itself when it is near and was not tried; nothing when little could be gained. */
    private void chooseProbe() {
        int top = tooLargeBytes - 1;
        int half = (mtuBytes + top) / 2;
        if (half - mtuBytes >= MIN_STEP) {
            probeBytes = half;
        } else {
            probeBytes = top == maxBytes && top > mtuBytes ? top : 0;
        }
    }
}
