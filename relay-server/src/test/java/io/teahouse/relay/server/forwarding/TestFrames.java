package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.teahouse.relay.protocol.FrameLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages that say of themselves who sent them, as which number, and what they are to look like; and reads them back out
 * of what a queue hands on, byte for byte. The WebSocket header is read by hand, from RFC 6455, section 5.2.
 */
final class TestFrames {
    /** The shortest contents that a numbered datagram can have, in bytes. */
    static final int MIN_CONTENTS = 4;

    private static final int ID_LENGTH = 32;

    /** Something that was read back. */
    sealed interface Seen {
        /** A datagram frame, with the bytes of its contents. */
        record Datagram(long sender, int number, int contents) implements Seen {}

        /** Any other frame: the first byte tells the kind, and a number follows. */
        record Control(byte kind, int number) implements Seen {}
    }

    private TestFrames() {}

    /** Returns the message of a datagram; every fifth sender's are batches. */
    static byte[] datagram(long sender, int number, int contents) {
        boolean batch = sender % 5 == 0;
        int head = batch ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET;
        var message = ByteBuffer.allocate(head + contents).order(ByteOrder.LITTLE_ENDIAN);
        message.put((byte) (batch ? 7 : 6));
        message.putLong(sender).putLong(~sender).putLong(0).putLong(number);
        message.put((byte) (number & 3));
        if (batch) {
            message.putShort((short) 1200);
        }
        message.putInt(number);
        for (int i = MIN_CONTENTS; i < contents; i++) {
            message.put((byte) (number * 31 + i));
        }
        return message.array();
    }

    /** Returns a message that is no datagram. */
    static byte[] control(int kind, int number) {
        return ByteBuffer.allocate(9)
                .put((byte) kind)
                .putInt(number)
                .putInt(~number)
                .array();
    }

    /** Reads whole frames, as many as there are, and checks that they are what was sent. */
    static List<Seen> read(ByteBuf frames) {
        var seen = new ArrayList<Seen>();
        while (frames.isReadable()) {
            assertThat(frames.readUnsignedByte())
                    .as("whole binary message, no extension")
                    .isEqualTo((short) 0x82);
            int length = frames.readUnsignedByte();
            if (length == 126) {
                length = frames.readUnsignedShort();
                assertThat(length).isGreaterThan(125);
            } else if (length == 127) {
                length = Math.toIntExact(frames.readLong());
                assertThat(length).isGreaterThan(0xFFFF);
            }
            assertThat(length).as("length, mask bit clear").isLessThanOrEqualTo(frames.readableBytes());
            var message = new byte[length];
            frames.readBytes(message);
            seen.add(read(message));
        }
        return seen;
    }

    private static Seen read(byte[] message) {
        var in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        if (message[0] != 6 && message[0] != 7) {
            int number = ByteBuffer.wrap(message).getInt(1);
            assertThat(message).isEqualTo(control(message[0], number));
            return new Seen.Control(message[0], number);
        }
        long sender = in.getLong(1);
        int number = (int) in.getLong(1 + ID_LENGTH - Long.BYTES);
        int contents = message.length
                - (message[0] == 7 ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET);
        assertThat(message).isEqualTo(datagram(sender, number, contents));
        return new Seen.Datagram(sender, number, contents);
    }
}
