package io.teahouse.relay.server.conversation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Makes contents of datagrams that differ in every byte from those of other numbers, and tells which they are. */
final class Bytes {
    /** The shortest contents that carry their number. */
    static final int MIN_NUMBERED = 4;

    private Bytes() {}

    /** Returns contents of a length, the number first, behind it bytes that follow from it. */
    static byte[] numbered(int number, int length) {
        var contents = ByteBuffer.allocate(length).putInt(number);
        int state = number * 0x9E37_79B9 + length;
        while (contents.hasRemaining()) {
            state = state * 1_664_525 + 1_013_904_223;
            contents.put((byte) (state >>> 24));
        }
        return contents.array();
    }

    /** Returns the number that contents begin with. */
    static int numberOf(byte[] contents) {
        return ByteBuffer.wrap(contents).getInt();
    }

    static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
