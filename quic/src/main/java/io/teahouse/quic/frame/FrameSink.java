package io.teahouse.quic.frame;

import io.teahouse.core.bytes.VarInt;
import java.nio.ByteBuffer;

/** Where the fields of a frame go: a buffer, or a counter of how long they would be. */
sealed interface FrameSink {
    void number(long value);

    void bytes(ByteBuffer bytes);

    void octet(int value);

    void eightBytes(long value);

    void zeros(int length);

    /** Writes. */
    record Into(ByteBuffer out) implements FrameSink {
        @Override
        public void number(long value) {
            VarInt.write(value, out);
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            out.put(bytes);
        }

        @Override
        public void octet(int value) {
            out.put((byte) value);
        }

        @Override
        public void eightBytes(long value) {
            out.putLong(value);
        }

        @Override
        public void zeros(int length) {
            for (int index = 0; index < length; index++) {
                out.put((byte) 0);
            }
        }
    }

    /** Counts. */
    final class Count implements FrameSink {
        int length;

        @Override
        public void number(long value) {
            length += VarInt.size(value);
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            length += bytes.remaining();
        }

        @Override
        public void octet(int value) {
            length++;
        }

        @Override
        public void eightBytes(long value) {
            length += Long.BYTES;
        }

        @Override
        public void zeros(int zeros) {
            length += zeros;
        }
    }
}
