package io.teahouse.quic.packet;

/** The numbers that name a version of QUIC in long headers (RFC 9000, section 15). */
public final class QuicVersion {
    /** The only version that is spoken here. */
    public static final int V1 = 0x0000_0001;

    /** Stands where a version stands and says that the packet is a list of versions. */
    public static final int NEGOTIATION = 0;

    private QuicVersion() {}
}
