package io.teahouse.quic.stream;

/**
 * Sizes and numbers for the streams of a connection.
 *
 * @param streamWindow          how many bytes of a stream a peer may send ahead of the reader
 * @param connectionWindow      how many bytes of all streams together
 * @param bidirectionalStreams  how many bidirectional streams of the peer's may be open at a time
 * @param unidirectionalStreams how many unidirectional ones
 * @param sendBuffer            how many bytes of a stream are kept for the peer, sent or not
 * @param maxGaps               how many gaps a stream may have while packets are missing: half of the packets of a
 *                              window, if every second one is lost
 */
public record StreamLimits(
        long streamWindow,
        long connectionWindow,
        long bidirectionalStreams,
        long unidirectionalStreams,
        int sendBuffer,
        int maxGaps) {
    /** What iroh endpoints allow each other, and as much on the way out; all streams together ten times what one may. */
    public static final StreamLimits DEFAULT = new StreamLimits(1_250_000, 12_500_000, 100, 100, 1_250_000, 1024);
}
