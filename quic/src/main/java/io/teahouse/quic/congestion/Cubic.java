package io.teahouse.quic.congestion;

/**
 * The window grows with the cube of the time since the last reduction: fast back to where the loss was, slowly there,
 * and fast beyond it (RFC 9438).
 *
 * <p>Sizes are in datagrams and times in seconds, as in that document. Not thread-safe.
 */
public final class Cubic extends CongestionController {
    /** How steep the growth is. */
    private static final double C = 0.4;

    /** What is left of the window after a reduction. */
    private static final double BETA = 0.7;

    /** By how much a window that is reduced to BETA has to grow in a round trip to be as large as Reno's on average. */
    private static final double RENO_GROWTH = 3 * (1 - BETA) / (1 + BETA);

    /** By how much the window grows in a round trip at most. */
    private static final double MAX_GROWTH = 1.5;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NONE = Long.MIN_VALUE;

    /** The window at the last reduction, or less if it was the second in a row. */
    private double windowMax;
    /** The window at the last reduction. */
    private double windowBefore;
    /** How large the window would be that Reno had. */
    private double renoWindow;
    /** When the window will be as large as {@link #windowMax} again, from the beginning of the growth. */
    private double timeToMax;
    /** When the growth began, less the times in which the window was not used. */
    private long growthStartNanos = NONE;

    private long unusedSinceNanos = NONE;

    /**
     * Creates one for a new path.
     *
     * @param datagramBytes how large its datagrams are
     */
    public Cubic(int datagramBytes) {
        super(datagramBytes);
    }

    @Override
    long grown(int bytes, long smoothedRttNanos, long nowNanos) {
        double window = inDatagrams(windowBytes());
        beginGrowth(window, nowNanos);
        double arrived = inDatagrams(bytes);
        double time = (nowNanos - growthStartNanos) / NANOS_PER_SECOND;

        renoWindow += (renoWindow >= windowBefore ? 1 : RENO_GROWTH) * arrived / window;
        if (cubic(time) < renoWindow) {
            return inBytes(renoWindow);
        }
        double target = Math.clamp(cubic(time + smoothedRttNanos / NANOS_PER_SECOND), window, MAX_GROWTH * window);
        return inBytes(window + (target - window) * arrived / window);
    }

    @Override
    long reduced(long nowNanos) {
        double window = inDatagrams(windowBytes());
        // Who has to give way twice without having come back gives way to a newcomer.
        windowMax = window < windowMax ? window * (1 + BETA) / 2 : window;
        windowBefore = window;
        growthStartNanos = NONE;
        return inBytes(window * BETA);
    }

    @Override
    void onWindowUnused(long nowNanos) {
        if (unusedSinceNanos == NONE) {
            unusedSinceNanos = nowNanos;
        }
    }

    @Override
    void onRestart() {
        growthStartNanos = NONE;
    }

    private void beginGrowth(double window, long nowNanos) {
        if (growthStartNanos == NONE) {
            growthStartNanos = nowNanos;
            renoWindow = window;
            windowMax = Math.max(windowMax, window);
            timeToMax = Math.cbrt((windowMax - window) / C);
        } else if (unusedSinceNanos != NONE) {
            growthStartNanos += nowNanos - unusedSinceNanos;
        }
        unusedSinceNanos = NONE;
    }

    private double cubic(double time) {
        double fromMax = time - timeToMax;
        return C * fromMax * fromMax * fromMax + windowMax;
    }

    private double inDatagrams(long bytes) {
        return (double) bytes / datagramBytes();
    }

    private long inBytes(double datagrams) {
        return Math.round(datagrams * datagramBytes());
    }
}
