package io.teahouse.relay.server.conversation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A WebSocket frame that a server sent (RFC 6455, section 5.2): whole, not masked.
 *
 * @param opcode  2 for a binary message, 8, 9 and 10 for close, ping and pong
 * @param payload what it carries
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its hex form
record WebSocketFrame(int opcode, byte[] payload) {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** A key with four different bytes, so that a byte unmasked with the wrong one shows. */
    private static final byte[] KEY = {(byte) 0xA1, 0x5C, 0x03, 0x77};

    /** Returns a whole frame as a client sends it. */
    static byte[] masked(int opcode, byte[] payload) {
        return masked(true, opcode, payload);
    }

    /** Returns a frame as a client sends it. */
    static byte[] masked(boolean fin, int opcode, byte[] payload) {
        byte[] header = maskedHeader((fin ? 0x80 : 0) | opcode, payload.length);
        byte[] frame = Arrays.copyOf(header, header.length + payload.length);
        for (int i = 0; i < payload.length; i++) {
            frame[header.length + i] = (byte) (payload[i] ^ KEY[i & 3]);
        }
        return frame;
    }

    /** Returns a whole frame as a server would send it. */
    static byte[] unmasked(int opcode, byte[] payload) {
        return Bytes.join(header(0x80 | opcode, payload.length, 0), payload);
    }

    /** Returns the header of a frame as a client sends it, with a first byte and a length of one's choice. */
    static byte[] maskedHeader(int firstByte, long payloadLength) {
        return Bytes.join(header(firstByte, payloadLength, 0x80), KEY);
    }

    private static byte[] header(int firstByte, long payloadLength, int maskBit) {
        if (payloadLength >= 0 && payloadLength < 126) {
            return new byte[] {(byte) firstByte, (byte) (maskBit | (int) payloadLength)};
        }
        if (payloadLength >= 0 && payloadLength <= 0xFFFF) {
            return ByteBuffer.allocate(4)
                    .put((byte) firstByte)
                    .put((byte) (maskBit | 126))
                    .putShort((short) payloadLength)
                    .array();
        }
        return ByteBuffer.allocate(10)
                .put((byte) firstByte)
                .put((byte) (maskBit | 127))
                .putLong(payloadLength)
                .array();
    }

    /** Reads a frame; empty at the end of the stream. Whatever a server may not send is an error. */
    static Optional<WebSocketFrame> read(Wire wire) throws IOException {
        int first = wire.read();
        if (first < 0) {
            return Optional.empty();
        }
        if ((first & 0xF0) != 0x80) {
            throw new AssertionError(
                    "frame that begins with %02x (expected: whole, no reserved bits)".formatted(first));
        }
        int length = wire.read();
        if (length < 0 || (length & 0x80) != 0) {
            throw new AssertionError("frame cut or masked: second byte %d".formatted(length));
        }
        if (length == 126) {
            length = ByteBuffer.wrap(wire.readExactly(2)).getShort() & 0xFFFF;
            requireShortest(length, 126);
        } else if (length == 127) {
            long wide = ByteBuffer.wrap(wire.readExactly(8)).getLong();
            requireShortest(wide, 0x1_0000);
            length = Math.toIntExact(wide);
        }
        return Optional.of(new WebSocketFrame(first & 0x0F, wire.readExactly(length)));
    }

    private static void requireShortest(long length, int least) {
        if (length < least) {
            throw new AssertionError("length %d not in its shortest form".formatted(length));
        }
    }

    boolean isClose() {
        return opcode == CLOSE;
    }

    /** The code of a close frame. */
    int closeCode() {
        return ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    String hex() {
        return HexFormat.of().formatHex(payload);
    }

    @Override
    public String toString() {
        return "frame %d: %s".formatted(opcode, payload.length > 80 ? payload.length + " bytes" : hex());
    }
}
