package io.teahouse.relay.protocol;

import io.teahouse.core.EndpointId;

/**
 * One frame of the relay protocol, after the handshake (iroh relay spec, section 4.1).
 *
 * <p>The two directions are separate types, so a client cannot be made to send what only a relay may send.
 * {@link FrameCodec} turns frames into bytes and back. Immutable.
 */
public sealed interface RelayFrame {

    /**
     * {@return the type that opens this frame on the wire}
     */
    FrameType type();

    /** A frame that a client sends and a relay reads. */
    sealed interface FromClient extends RelayFrame {}

    /** A frame that a relay sends and a client reads. */
    sealed interface FromRelay extends RelayFrame {}

    /**
     * Asks the relay to hand datagrams to another of its clients.
     *
     * @param destination the client to deliver to
     * @param datagrams   what to deliver
     */
    record SendDatagrams(EndpointId destination, Datagrams datagrams) implements FromClient {
        @Override
        public FrameType type() {
            return datagrams.isBatch() ? FrameType.CLIENT_TO_RELAY_DATAGRAM_BATCH : FrameType.CLIENT_TO_RELAY_DATAGRAM;
        }
    }

    /**
     * Hands a client the datagrams that another client sent to it.
     *
     * @param source    the client that sent them
     * @param datagrams what it sent
     */
    record ReceivedDatagrams(EndpointId source, Datagrams datagrams) implements FromRelay {
        @Override
        public FrameType type() {
            return datagrams.isBatch() ? FrameType.RELAY_TO_CLIENT_DATAGRAM_BATCH : FrameType.RELAY_TO_CLIENT_DATAGRAM;
        }
    }

    /**
     * Tells a client that a peer it heard from is no longer connected to this relay.
     *
     * @param endpoint the peer that left
     */
    record EndpointGone(EndpointId endpoint) implements FromRelay {
        @Override
        public FrameType type() {
            return FrameType.ENDPOINT_GONE;
        }
    }

    /**
     * Asks the other side to answer with a {@link Pong} of the same payload.
     *
     * @param payload eight opaque bytes, big-endian
     */
    record Ping(long payload) implements FromClient, FromRelay {
        @Override
        public FrameType type() {
            return FrameType.PING;
        }
    }

    /**
     * Answers a {@link Ping}.
     *
     * @param payload the eight bytes of the ping, big-endian
     */
    record Pong(long payload) implements FromClient, FromRelay {
        @Override
        public FrameType type() {
            return FrameType.PONG;
        }
    }

    /**
     * Tells a client of version 1 about its connection, in words; version 2 has {@link Status}.
     *
     * @param problem the words, may be empty; an unpaired surrogate is sent as a question mark
     */
    record Health(String problem) implements FromRelay {
        /** What {@link Status#SAME_ENDPOINT_ID_CONNECTED} reads in version 1: the reference's words. */
        public static final String SAME_ENDPOINT_ID_CONNECTED =
                "Another endpoint connected with the same endpoint id. No more messages will be received.";

        /** What {@link Status#HEALTHY} reads in version 1: the reference's words. */
        public static final String HEALTHY = "The connection is healthy and has recovered from previous problems";

        @Override
        public FrameType type() {
            return FrameType.HEALTH;
        }
    }

    /**
     * Tells a client that the relay is about to restart. Advisory: the client waits, then tries again for a while.
     *
     * @param reconnectInMillis how long to wait before the first try, in milliseconds, 0 to 2^32 - 1
     * @param tryForMillis      for how long to go on trying, in milliseconds, 0 to 2^32 - 1
     */
    record Restarting(long reconnectInMillis, long tryForMillis) implements FromRelay {
        private static final long MILLIS_MAX = 0xffff_ffffL;

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a number is out of its range
         */
        public Restarting {
            requireInRange("reconnectInMillis", reconnectInMillis);
            requireInRange("tryForMillis", tryForMillis);
        }

        @Override
        public FrameType type() {
            return FrameType.RESTARTING;
        }

        private static void requireInRange(String name, long millis) {
            if (millis < 0 || millis > MILLIS_MAX) {
                throw new IllegalArgumentException("%s: %d (expected: 0 to %d)".formatted(name, millis, MILLIS_MAX));
            }
        }
    }

    /**
     * Tells a client of version 2 about its connection; version 1 has {@link Health}. Codes that are not known are kept.
     *
     * @param code one of the constants or any other number, 0 to 255
     */
    record Status(int code) implements FromRelay {
        /** The connection is in use again after {@link #SAME_ENDPOINT_ID_CONNECTED}. */
        public static final int HEALTHY = 0;

        /** Another connection with the same endpoint id took over; this one receives no more. */
        public static final int SAME_ENDPOINT_ID_CONNECTED = 1;

        /** The relay is slowing this client down. Has no counterpart in version 1. */
        public static final int RATE_LIMITED = 2;

        /**
         * Checks the range.
         *
         * @throws IllegalArgumentException if the code is out of its range
         */
        public Status {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException("code: %d (expected: 0 to 255)".formatted(code));
            }
        }

        @Override
        public FrameType type() {
            return FrameType.STATUS;
        }
    }
}
