package io.teahouse.relay.websocket;

import io.netty.buffer.ByteBuf;

/** Writes the header of a frame that is not masked and is a whole message, as a server sends it (RFC 6455, 5.2). */
public final class FrameHeader {
    /** Longest header that {@link #write} makes. */
    public static final int MAX_LENGTH = 10;

    private static final int FIN = 0x80;

    private FrameHeader() {}

    /**
     * {@return the length of the header in bytes: 2, 4 or 10}
     *
     * @param payloadLength bytes that follow the header, 0 or more
     */
    public static int length(int payloadLength) {
        return payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : 10;
    }

    /**
     * Writes a header.
     *
     * @param out           where to; its indices are left alone
     * @param index         where the header begins
     * @param opcode        what the frame is, one of {@link Opcode}
     * @param payloadLength bytes that follow the header, 0 or more
     */
    public static void write(ByteBuf out, int index, int opcode, int payloadLength) {
        out.setByte(index, FIN | opcode);
        if (payloadLength < 126) {
            out.setByte(index + 1, payloadLength);
        } else if (payloadLength <= 0xFFFF) {
            out.setByte(index + 1, 126);
            out.setShort(index + 2, payloadLength);
        } else {
            out.setByte(index + 1, 127);
            out.setLong(index + 2, payloadLength);
        }
    }
}
