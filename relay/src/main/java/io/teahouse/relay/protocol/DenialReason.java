package io.teahouse.relay.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.bytes.Leb128;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The ServerDeniesAuth frame: a text behind its length (iroh relay spec, section 3). */
final class DenialReason {
    /** What is left for the text beside the type and a length of at most three bytes. */
    private static final int TEXT_LENGTH_MAX = FrameLayout.MAX_MESSAGE_TO_SEND - 1 - 3;

    private DenialReason() {}

    /** Returns the whole message; a text that has no room is cut between two characters. */
    static byte[] encode(String reason) {
        byte[] text = shorten(reason.getBytes(UTF_8));
        var message = ByteBuffer.allocate(1 + Leb128.size(text.length) + text.length)
                .put((byte) FrameType.SERVER_DENIES_AUTH.code());
        Leb128.write(text.length, message);
        return message.put(text).array();
    }

    /** Reads the text from behind the type; what follows it is ignored. */
    static String read(ByteBuffer in) throws RelayProtocolException {
        int length = WireTypes.readLength(FrameType.SERVER_DENIES_AUTH, in, "reason");
        return WireTypes.decodeUtf8(FrameType.SERVER_DENIES_AUTH, in.slice(in.position(), length));
    }

    private static byte[] shorten(byte[] utf8) {
        if (utf8.length <= TEXT_LENGTH_MAX) {
            return utf8;
        }
        int end = TEXT_LENGTH_MAX;
        while ((utf8[end] & 0xc0) == 0x80) { // the character that begins before here does not end before here
            end--;
        }
        return Arrays.copyOf(utf8, end);
    }
}
