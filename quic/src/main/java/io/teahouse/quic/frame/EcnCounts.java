package io.teahouse.quic.frame;

/**
 * How many packets with each ECN mark were received in one number space (RFC 9000, section 19.3.2).
 *
 * @param ect0 marked ECT(0), 0 to 2^62 - 1
 * @param ect1 marked ECT(1), 0 to 2^62 - 1
 * @param ce   marked as having met congestion, 0 to 2^62 - 1
 */
public record EcnCounts(long ect0, long ect1, long ce) {
    /** No mark was seen. */
    public static final EcnCounts NONE = new EcnCounts(0, 0, 0);
}
