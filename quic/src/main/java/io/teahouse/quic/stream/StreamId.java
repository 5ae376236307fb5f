package io.teahouse.quic.stream;

import io.teahouse.quic.wire.Role;

/** What the number of a stream says: who opens it, in which directions it goes, and its place (RFC 9000, section 2.1). */
public final class StreamId {
    private static final long SERVER_BIT = 0x1;
    private static final long UNIDIRECTIONAL_BIT = 0x2;
    private static final int KIND_BITS = 2;

    private StreamId() {}

    /**
     * {@return the id of a stream}
     *
     * @param initiator     who opens it
     * @param bidirectional whether both sides send
     * @param index         how many of the same kind were opened before, 0 to 2^60 - 1
     */
    public static long of(Role initiator, boolean bidirectional, long index) {
        return (index << KIND_BITS)
                | (bidirectional ? 0 : UNIDIRECTIONAL_BIT)
                | (initiator == Role.SERVER ? SERVER_BIT : 0);
    }

    /**
     * {@return who opens the stream}
     *
     * @param id a stream's
     */
    public static Role initiator(long id) {
        return (id & SERVER_BIT) == 0 ? Role.CLIENT : Role.SERVER;
    }

    /**
     * {@return whether both sides send}
     *
     * @param id a stream's
     */
    public static boolean isBidirectional(long id) {
        return (id & UNIDIRECTIONAL_BIT) == 0;
    }

    /**
     * {@return how many streams of the same kind are opened before}
     *
     * @param id a stream's
     */
    public static long index(long id) {
        return id >>> KIND_BITS;
    }
}
