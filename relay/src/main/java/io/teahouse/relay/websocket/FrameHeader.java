package io.teahouse.relay.websocket;

import io.netty.buffer.ByteBuf;

/** Writes the header of a frame that is a whole message, as a server or a client sends it (RFC 6455, section 5.2). */
public final class FrameHeader {
    /** Longest header that {@link #write} makes. */
    public static final int MAX_LENGTH = 10;

    /** The key that ends the header of a client's frame, in bytes. */
    public static final int MASK_LENGTH = 4;

    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;

    private FrameHeader() {}

    /**
     * {@return the length of a server's header in bytes: 2, 4 or 10; a client's is {@link #MASK_LENGTH} longer}
     *
     * @param payloadLength bytes that follow the header, 0 or more
     */
    public static int length(int payloadLength) {
        return payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : 10;
    }

    /**
     * Writes a header as a server does.
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

    /**
     * Writes a header as a client does, with the key that the payload is then to be masked with.
     *
     * @param out           where to; its indices are left alone
     * @param index         where the header begins
     * @param opcode        what the frame is, one of {@link Opcode}
     * @param payloadLength bytes that follow the header, 0 or more
     * @param mask          the key, in the form of {@link Masking}
     */
    public static void writeMasked(ByteBuf out, int index, int opcode, int payloadLength, int mask) {
        write(out, index, opcode, payloadLength);
        out.setByte(index + 1, out.getByte(index + 1) | MASKED);
        out.setIntLE(index + length(payloadLength), mask);
    }
}
