package io.teahouse.quic.frame;

import java.nio.ByteBuffer;

/** What concerns streams: their data, their end, and how much of either is allowed. */
public sealed interface StreamFrame extends Frame {
    /** The highest limit for streams: more would not have ids. */
    long MAX_STREAMS = 1L << 60;

    /**
     * A part of a stream (RFC 9000, section 19.8).
     *
     * @param streamId which stream
     * @param offset   of the first byte in the stream; the last one's is not above 2^62 - 1 either
     * @param data     the bytes; may be empty
     * @param fin      whether the stream ends behind them
     */
    record StreamData(long streamId, long offset, ByteBuffer data, boolean fin) implements StreamFrame {
        /** Takes a view of the data. */
        public StreamData {
            data = data.asReadOnlyBuffer();
        }

        /**
         * {@return the bytes, in a buffer of the caller's}
         */
        @Override
        public ByteBuffer data() {
            return data.duplicate();
        }

        @Override
        public FrameType type() {
            return FrameType.STREAM;
        }
    }

    /**
     * The sender gives a stream up (RFC 9000, section 19.4).
     *
     * @param streamId  which stream
     * @param code      the application's
     * @param finalSize how many bytes of it were sent
     */
    record ResetStream(long streamId, long code, long finalSize) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.RESET_STREAM;
        }
    }

    /**
     * The receiver does not want more of a stream (RFC 9000, section 19.5).
     *
     * @param streamId which stream
     * @param code     the application's
     */
    record StopSending(long streamId, long code) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.STOP_SENDING;
        }
    }

    /**
     * How many bytes may be sent on a stream (RFC 9000, section 19.10).
     *
     * @param streamId which stream
     * @param limit    counted from its beginning
     */
    record MaxStreamData(long streamId, long limit) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.MAX_STREAM_DATA;
        }
    }

    /**
     * A stream's limit keeps the sender from sending (RFC 9000, section 19.13).
     *
     * @param streamId which stream
     * @param limit    which limit
     */
    record StreamDataBlocked(long streamId, long limit) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.STREAM_DATA_BLOCKED;
        }
    }

    /**
     * How many streams may be opened (RFC 9000, section 19.11).
     *
     * @param bidirectional of which kind
     * @param limit         counted from the beginning of the connection, 0 to 2^60
     */
    record MaxStreams(boolean bidirectional, long limit) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.MAX_STREAMS;
        }
    }

    /**
     * The limit for streams keeps the sender from opening one (RFC 9000, section 19.14).
     *
     * @param bidirectional of which kind
     * @param limit         which limit, 0 to 2^60
     */
    record StreamsBlocked(boolean bidirectional, long limit) implements StreamFrame {
        @Override
        public FrameType type() {
            return FrameType.STREAMS_BLOCKED;
        }
    }
}
