package io.teahouse.quic.io;

/** Where things are in {@code struct msghdr}, with which datagrams are sent and received, and in what it points to. */
final class MessageHeader {
    static final int NAME = 0;
    static final int NAME_LENGTH = 8;
    static final int VECTORS = 16;
    static final int VECTOR_COUNT = 24;
    static final int CONTROL_AT = 32;
    static final int CONTROL_LENGTH = 40;
    static final int FLAGS = 48;
    static final int SIZE = 56;

    /** {@code struct cmsghdr}: length 8, level 4, type 4. */
    static final int CONTROL_HEADER = 16;

    private MessageHeader() {}
}
