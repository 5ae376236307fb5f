package io.teahouse.relay.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.EndpointId;
import io.teahouse.core.bytes.Leb128;
import io.teahouse.core.bytes.VarInt;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Reads what messages are made of: frame types, keys, lengths, text (iroh relay spec, section 3).
 *
 * <p>Each method starts at the buffer's position and leaves it behind what it read. Buffers are big-endian, as a fresh
 * slice is.
 */
final class WireTypes {
    private WireTypes() {}

    /**
     * Reads the type that opens a message: a QUIC varint, of which readers take every form (RFC 9000, section 16).
     */
    static FrameType readFrameType(ByteBuffer message) throws RelayProtocolException {
        if (!message.hasRemaining()) {
            throw new RelayProtocolException("message: 0 bytes (expected: a frame type)");
        }
        long code = VarInt.read(message);
        if (code == VarInt.TRUNCATED) {
            int length = 1 << (Byte.toUnsignedInt(message.get(message.position())) >>> 6);
            throw new RelayProtocolException(
                    "frame type: %d bytes of it (expected: %d)".formatted(message.remaining(), length));
        }
        var type = FrameType.ofCode(code);
        if (type.isEmpty()) {
            throw RelayProtocolException.ofUnknownType("frame type: %d (expected: 0 to 13)".formatted(code));
        }
        return type.get();
    }

    /** Reads a key, which must be a point of the curve. */
    static EndpointId readEndpointId(FrameType frame, ByteBuffer in) throws RelayProtocolException {
        var id = readUncheckedId(frame, in);
        requirePoint(frame, id);
        return id;
    }

    /** Reads 32 bytes that are to be an id, without the look whether they are a point of the curve. */
    static EndpointId readUncheckedId(FrameType frame, ByteBuffer in) throws RelayProtocolException {
        if (in.remaining() < EndpointId.LENGTH) {
            throw cut(frame, "endpoint id", in.remaining(), EndpointId.LENGTH);
        }
        return EndpointId.fromWords(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    /** Refuses an id that is no point of the curve. */
    static void requirePoint(FrameType frame, EndpointId id) throws RelayProtocolException {
        if (!EndpointId.isValid(id.word(0), id.word(1), id.word(2), id.word(3))) {
            throw new RelayProtocolException(
                    "%s frame: endpoint id: %s (expected: a point of the curve)".formatted(frame, id));
        }
    }

    /** Reads so many bytes that stand there without their length. */
    static byte[] readBytes(FrameType frame, ByteBuffer in, int length, String field) throws RelayProtocolException {
        if (in.remaining() < length) {
            throw new RelayProtocolException(
                    "%s frame: %s: cut after %d bytes (expected: %d)".formatted(frame, field, in.remaining(), length));
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** Reads the length in front of a byte string or a text; no more than what is left in the buffer. */
    static int readLength(FrameType frame, ByteBuffer in, String field) throws RelayProtocolException {
        int length = Leb128.readLength(in);
        if (length < 0) {
            throw new RelayProtocolException(
                    "%s frame: length of the %s (expected: no more than what follows it)".formatted(frame, field));
        }
        return length;
    }

    /** Reads all that is left as text. */
    static String decodeUtf8(FrameType frame, ByteBuffer in) throws RelayProtocolException {
        try {
            return UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            throw new RelayProtocolException("%s frame: text that is not UTF-8 (expected: UTF-8)".formatted(frame));
        }
    }

    private static RelayProtocolException cut(FrameType frame, String field, int found, int expected) {
        return new RelayProtocolException(
                "%s frame: %s: cut after %d bytes (expected: %d)".formatted(frame, field, found, expected));
    }
}
