package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Opcode;
import io.teahouse.relay.websocket.WebSocketReader;
import java.nio.charset.StandardCharsets;

/** Makes whole WebSocket frames, as a server sends them, of payloads that are not datagrams (RFC 6455, section 5). */
final class ServerFrames {
    private static final int CODE_LENGTH = 2;

    private ServerFrames() {}

    /** Returns a close frame; a reason that is too long is cut between two characters. */
    static ByteBuf close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, WebSocketReader.MAX_CONTROL_PAYLOAD - CODE_LENGTH);
        while (length < text.length && length > 0 && (text[length] & 0xC0) == 0x80) {
            length--;
        }
        var payload = new byte[CODE_LENGTH + length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, CODE_LENGTH, length);
        return frame(Opcode.CLOSE, payload);
    }

    /** Returns the answer to a close frame: the same code, if it had one. */
    static ByteBuf echo(byte[] closePayload) {
        return frame(
                Opcode.CLOSE,
                closePayload.length < CODE_LENGTH ? new byte[0] : new byte[] {closePayload[0], closePayload[1]});
    }

    /** Returns the answer to a ping. */
    static ByteBuf pong(byte[] pingPayload) {
        return frame(Opcode.PONG, pingPayload);
    }

    /** Returns a binary message. */
    static ByteBuf binary(byte[] message) {
        return frame(Opcode.BINARY, message);
    }

    private static ByteBuf frame(int opcode, byte[] payload) {
        int headerLength = FrameHeader.length(payload.length);
        var frame = Unpooled.buffer(headerLength + payload.length);
        FrameHeader.write(frame, 0, opcode, payload.length);
        frame.writerIndex(headerLength);
        return frame.writeBytes(payload);
    }
}
