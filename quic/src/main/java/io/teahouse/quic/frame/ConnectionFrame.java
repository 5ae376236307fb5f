package io.teahouse.quic.frame;

import java.nio.ByteBuffer;

/** What concerns the connection as a whole: handshake, liveliness, datagrams, and the end. */
public sealed interface ConnectionFrame extends Frame {

    /**
     * Zeros that say nothing (RFC 9000, section 19.1): a whole run of them, which are as many frames on the wire.
     *
     * @param length how many, 1 or more
     */
    record Padding(int length) implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.PADDING;
        }
    }

    /** Asks for an acknowledgement (RFC 9000, section 19.2). */
    record Ping() implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.PING;
        }
    }

    /**
     * A part of the TLS handshake (RFC 9000, section 19.6).
     *
     * @param offset of the first byte in the handshake of this level; the last one's is not above 2^62 - 1 either
     * @param data   the bytes
     */
    record Crypto(long offset, ByteBuffer data) implements ConnectionFrame {
        /** Takes a view of the data. */
        public Crypto {
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
            return FrameType.CRYPTO;
        }
    }

    /**
     * What a client may show when it comes back (RFC 9000, section 19.7).
     *
     * @param token not empty
     */
    record NewToken(ByteBuffer token) implements ConnectionFrame {
        /** Takes a view of the token. */
        public NewToken {
            token = token.asReadOnlyBuffer();
        }

        /**
         * {@return the bytes, in a buffer of the caller's}
         */
        @Override
        public ByteBuffer token() {
            return token.duplicate();
        }

        @Override
        public FrameType type() {
            return FrameType.NEW_TOKEN;
        }
    }

    /**
     * How many bytes may be sent on all streams together (RFC 9000, section 19.9).
     *
     * @param limit counted from the beginning of the connection
     */
    record MaxData(long limit) implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.MAX_DATA;
        }
    }

    /**
     * The limit for all streams together keeps the sender from sending (RFC 9000, section 19.12).
     *
     * @param limit which limit
     */
    record DataBlocked(long limit) implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.DATA_BLOCKED;
        }
    }

    /**
     * QUIC ends the connection (RFC 9000, section 19.19, type 0x1c).
     *
     * @param code      {@link io.teahouse.quic.wire.TransportError} or another
     * @param frameType the type of the frame that was wrong, or 0
     * @param reason    for a person; UTF-8 if the sender keeps to the rules
     */
    record TransportClose(long code, long frameType, ByteBuffer reason) implements ConnectionFrame {
        /** Takes a view of the reason. */
        public TransportClose {
            reason = reason.asReadOnlyBuffer();
        }

        /**
         * {@return the text, in a buffer of the caller's}
         */
        @Override
        public ByteBuffer reason() {
            return reason.duplicate();
        }

        @Override
        public FrameType type() {
            return FrameType.TRANSPORT_CLOSE;
        }
    }

    /**
     * The application ends the connection (RFC 9000, section 19.19, type 0x1d).
     *
     * @param code   the application's
     * @param reason for a person; UTF-8 if the sender keeps to the rules
     */
    record ApplicationClose(long code, ByteBuffer reason) implements ConnectionFrame {
        /** Takes a view of the reason. */
        public ApplicationClose {
            reason = reason.asReadOnlyBuffer();
        }

        /**
         * {@return the text, in a buffer of the caller's}
         */
        @Override
        public ByteBuffer reason() {
            return reason.duplicate();
        }

        @Override
        public FrameType type() {
            return FrameType.APPLICATION_CLOSE;
        }
    }

    /** The server has seen the end of the handshake (RFC 9000, section 19.20). */
    record HandshakeDone() implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.HANDSHAKE_DONE;
        }
    }

    /** Asks for an acknowledgement at once (iroh QUIC spec, section 1.11). */
    record ImmediateAck() implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.IMMEDIATE_ACK;
        }
    }

    /**
     * Asks for fewer acknowledgements, or more (iroh QUIC spec, section 1.11).
     *
     * @param sequence            counts these frames; the receiver obeys the highest
     * @param elicitingThreshold  how many ack-eliciting packets may go without an acknowledgement
     * @param maxAckDelayMicros   how long an acknowledgement may be held back, in microseconds
     * @param reorderingThreshold how far out of order a packet may be before it is acknowledged at once; 0 for never
     */
    record AckFrequency(long sequence, long elicitingThreshold, long maxAckDelayMicros, long reorderingThreshold)
            implements ConnectionFrame {
        @Override
        public FrameType type() {
            return FrameType.ACK_FREQUENCY;
        }
    }

    /**
     * A message of the application's that may be lost (RFC 9221, section 4).
     *
     * @param data the message; may be empty
     */
    record Datagram(ByteBuffer data) implements ConnectionFrame {
        /** Takes a view of the message. */
        public Datagram {
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
            return FrameType.DATAGRAM;
        }
    }
}
