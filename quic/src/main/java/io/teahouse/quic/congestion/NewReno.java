package io.teahouse.quic.congestion;

/** The window grows by a datagram each round trip, and is halved by a loss (RFC 9002, section 7.3 and appendix B). */
public final class NewReno extends CongestionController {
    /** What has arrived since the window grew, in bytes. */
    private long arrivedBytes;

    /**
     * Creates one for a new path.
     *
     * @param datagramBytes how large its datagrams are
     */
    public NewReno(int datagramBytes) {
        super(datagramBytes);
    }

    @Override
    long grown(int bytes, long smoothedRttNanos, long nowNanos) {
        arrivedBytes += bytes;
        if (arrivedBytes < windowBytes()) {
            return windowBytes();
        }
        arrivedBytes -= windowBytes();
        return windowBytes() + datagramBytes();
    }

    @Override
    long reduced(long nowNanos) {
        arrivedBytes = 0;
        return windowBytes() / 2;
    }

    @Override
    void onWindowUnused(long nowNanos) {}

    @Override
    void onRestart() {
        arrivedBytes = 0;
    }
}
