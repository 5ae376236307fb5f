package io.teahouse.relay.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Masking;
import io.teahouse.relay.websocket.Opcode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the frames of a client: whole messages, masked (RFC 6455, section 5.3). */
@SansIo
final class ClientFrames {
    /** The most that fits into a close frame behind its code, in bytes. */
    private static final int MAX_CLOSE_TEXT = 123;

    private ClientFrames() {}

    /** Returns a frame in a buffer of its own. */
    static ByteBuf frame(ByteBufAllocator allocator, int opcode, byte[] payload, int mask) {
        int header = FrameHeader.length(payload.length) + FrameHeader.MASK_LENGTH;
        var out = allocator.buffer(header + payload.length);
        FrameHeader.writeMasked(out, 0, opcode, payload.length, mask);
        out.setBytes(header, payload);
        Masking.apply(out, header, payload.length, mask);
        return out.writerIndex(header + payload.length);
    }

    /** Returns a close frame; a reason that has no room is cut. */
    static ByteBuf close(ByteBufAllocator allocator, int code, String reason, int mask) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, MAX_CLOSE_TEXT);
        while (length < text.length && (text[length] & 0xC0) == 0x80) { // not within a character
            length--;
        }
        byte[] payload = new byte[2 + length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, length);
        return frame(allocator, Opcode.CLOSE, payload, mask);
    }

    /** Returns the length of the frame in which datagrams travel, in bytes. */
    static int datagramsLength(Datagrams datagrams) {
        int message = messageLength(datagrams);
        return FrameHeader.length(message) + FrameHeader.MASK_LENGTH + message;
    }

    /** Appends the frame in which datagrams travel, for which there must be room; the datagrams are deliverable. */
    static void writeDatagrams(ByteBuf out, EndpointId destination, Datagrams datagrams, int mask) {
        int message = messageLength(datagrams);
        int index = out.writerIndex();
        FrameHeader.writeMasked(out, index, Opcode.BINARY, message, mask);
        int start = index + FrameHeader.length(message) + FrameHeader.MASK_LENGTH;
        out.writerIndex(start);
        out.writeByte(
                datagrams.isBatch()
                        ? FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM_BATCH
                        : FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM);
        for (int word = 0; word < EndpointId.LENGTH / Long.BYTES; word++) {
            out.writeLong(destination.word(word));
        }
        out.writeByte(datagrams.ecn());
        if (datagrams.isBatch()) {
            out.writeShort(datagrams.segmentSize());
        }
        out.writeBytes(datagrams.contents());
        Masking.apply(out, start, message, mask);
    }

    /** Returns what a close frame's payload says, in words. */
    static String closeText(byte[] payload) {
        if (payload.length < 2) {
            return "no code";
        }
        int code = (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        var text = printable(
                new String(Arrays.copyOfRange(payload, 2, payload.length), StandardCharsets.UTF_8), MAX_CLOSE_TEXT);
        return text.isEmpty() ? "code " + code : "code %d, %s".formatted(code, text);
    }

    /** Returns a text from the network as it may be shown: on one line, without control characters, not too long. */
    static String printable(String text, int maxLength) {
        var shown = new StringBuilder();
        text.codePoints()
                .limit(maxLength)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString().strip();
    }

    private static int messageLength(Datagrams datagrams) {
        return (datagrams.isBatch() ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET)
                + datagrams.contents().remaining();
    }
}
