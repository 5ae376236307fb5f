package io.teahouse.relay.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.RelayFrame.EndpointGone;
import io.teahouse.relay.protocol.RelayFrame.Health;
import io.teahouse.relay.protocol.RelayFrame.Ping;
import io.teahouse.relay.protocol.RelayFrame.Pong;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.Restarting;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import io.teahouse.relay.protocol.RelayFrame.Status;
import java.nio.ByteBuffer;

/**
 * Turns whole messages into {@link RelayFrame}s and back (iroh relay spec, section 4.1).
 *
 * <p>Decoding looks at the bytes from the buffer's position to its limit, whatever its byte order, and changes neither.
 * It checks the type, then the size, then the layout, then the key, then the rest. Contents that are empty or too large
 * to be delivered do decode: what becomes of them is the reader's decision. Thread-safe: no state.
 */
public final class FrameCodec {
    // What lies between the type and the contents.
    private static final int DATAGRAM_HEAD_LENGTH = FrameLayout.DATAGRAM_CONTENTS_OFFSET - FrameLayout.ID_OFFSET;
    private static final int BATCH_HEAD_LENGTH = FrameLayout.BATCH_CONTENTS_OFFSET - FrameLayout.ID_OFFSET;

    private FrameCodec() {}

    /**
     * Decodes what a relay reads.
     *
     * @param message one whole binary message; datagrams in the result are a view of it
     * @param version the version that was negotiated; today's versions do not differ in what a client may send
     * @return the frame
     * @throws RelayProtocolException if a client may not send this
     */
    public static RelayFrame.FromClient decodeFromClient(ByteBuffer message, ProtocolVersion version)
            throws RelayProtocolException {
        var payload = message.slice();
        var type = WireTypes.readFrameType(payload);
        requirePayloadFits(type, payload);
        return switch (type) {
            case CLIENT_TO_RELAY_DATAGRAM -> {
                requireLengthAtLeast(type, payload, DATAGRAM_HEAD_LENGTH, "endpoint id and ECN");
                yield new SendDatagrams(WireTypes.readEndpointId(type, payload), readDatagram(payload));
            }
            case CLIENT_TO_RELAY_DATAGRAM_BATCH -> {
                requireLengthAtLeast(type, payload, BATCH_HEAD_LENGTH, "endpoint id, ECN and segment size");
                yield new SendDatagrams(WireTypes.readEndpointId(type, payload), readBatch(payload));
            }
            case PING -> new Ping(readPingPayload(type, payload));
            case PONG -> new Pong(readPingPayload(type, payload));
            case SERVER_CHALLENGE,
                    CLIENT_AUTH,
                    SERVER_CONFIRMS_AUTH,
                    SERVER_DENIES_AUTH,
                    RELAY_TO_CLIENT_DATAGRAM,
                    RELAY_TO_CLIENT_DATAGRAM_BATCH,
                    ENDPOINT_GONE,
                    HEALTH,
                    RESTARTING,
                    STATUS -> throw unexpectedType(type, "from a client: 4, 5, 9, 10");
        };
    }

    /**
     * Decodes what a client reads.
     *
     * @param message one whole binary message; datagrams in the result are a view of it
     * @param version the version that was negotiated
     * @return the frame
     * @throws RelayProtocolException if a relay may not send this in that version
     */
    public static RelayFrame.FromRelay decodeFromRelay(ByteBuffer message, ProtocolVersion version)
            throws RelayProtocolException {
        var payload = message.slice();
        var type = WireTypes.readFrameType(payload);
        requirePayloadFits(type, payload);
        return switch (type) {
            case RELAY_TO_CLIENT_DATAGRAM -> {
                requireLengthAtLeast(type, payload, DATAGRAM_HEAD_LENGTH, "endpoint id and ECN");
                yield new ReceivedDatagrams(WireTypes.readEndpointId(type, payload), readDatagram(payload));
            }
            case RELAY_TO_CLIENT_DATAGRAM_BATCH -> {
                requireLengthAtLeast(type, payload, BATCH_HEAD_LENGTH, "endpoint id, ECN and segment size");
                yield new ReceivedDatagrams(WireTypes.readEndpointId(type, payload), readBatch(payload));
            }
            case ENDPOINT_GONE -> {
                requireLength(type, payload, EndpointId.LENGTH, "one endpoint id");
                yield new EndpointGone(WireTypes.readEndpointId(type, payload));
            }
            case PING -> new Ping(readPingPayload(type, payload));
            case PONG -> new Pong(readPingPayload(type, payload));
            case HEALTH -> {
                requireVersion(type, version, ProtocolVersion.V1);
                yield new Health(WireTypes.decodeUtf8(type, payload));
            }
            case RESTARTING -> {
                requireLength(type, payload, 2 * Integer.BYTES, "two times in milliseconds");
                yield new Restarting(
                        Integer.toUnsignedLong(payload.getInt()), Integer.toUnsignedLong(payload.getInt()));
            }
            case STATUS -> {
                requireVersion(type, version, ProtocolVersion.V2);
                requireLengthAtLeast(type, payload, 1, "a code");
                // What follows the code is room for the future, and ignored.
                yield new Status(Byte.toUnsignedInt(payload.get()));
            }
            case SERVER_CHALLENGE,
                    CLIENT_AUTH,
                    SERVER_CONFIRMS_AUTH,
                    SERVER_DENIES_AUTH,
                    CLIENT_TO_RELAY_DATAGRAM,
                    CLIENT_TO_RELAY_DATAGRAM_BATCH -> throw unexpectedType(type, "from a relay: 6 to 13");
        };
    }

    /**
     * Encodes a frame as one whole message, its type in the one-byte form.
     *
     * @param frame the frame; the caller sees to it that the version has it
     * @return the message
     * @throws IllegalArgumentException if no sender may send this: datagrams that are not
     *                                  {@linkplain Datagrams#isDeliverable deliverable}, or a text that makes the message
     *                                  larger than {@link FrameLayout#MAX_MESSAGE_TO_SEND}
     */
    public static byte[] encode(RelayFrame frame) {
        byte type = (byte) frame.type().code();
        return switch (frame) {
            case SendDatagrams(var destination, var datagrams) -> encodeDatagrams(type, destination, datagrams);
            case ReceivedDatagrams(var source, var datagrams) -> encodeDatagrams(type, source, datagrams);
            case EndpointGone(var endpoint) ->
                ByteBuffer.allocate(1 + EndpointId.LENGTH)
                        .put(type)
                        .put(endpoint.toBytes())
                        .array();
            case Ping(long payload) -> encodePing(type, payload);
            case Pong(long payload) -> encodePing(type, payload);
            case Health(String problem) -> encodeHealth(type, problem);
            case Restarting(long reconnectInMillis, long tryForMillis) ->
                ByteBuffer.allocate(1 + 2 * Integer.BYTES)
                        .put(type)
                        .putInt((int) reconnectInMillis)
                        .putInt((int) tryForMillis)
                        .array();
            case Status(int code) -> new byte[] {type, (byte) code};
        };
    }

    private static byte[] encodeDatagrams(byte type, EndpointId endpointId, Datagrams datagrams) {
        var contents = datagrams.contents();
        if (!datagrams.isDeliverable()) {
            throw new IllegalArgumentException(
                    "contents: %d bytes (expected: 1 to %d)".formatted(contents.remaining(), datagrams.lengthMax()));
        }
        int headLength = datagrams.isBatch() ? BATCH_HEAD_LENGTH : DATAGRAM_HEAD_LENGTH;
        var message = ByteBuffer.allocate(1 + headLength + contents.remaining())
                .put(type)
                .put(endpointId.toBytes())
                .put((byte) datagrams.ecn());
        if (datagrams.isBatch()) {
            message.putShort((short) datagrams.segmentSize());
        }
        return message.put(contents).array();
    }

    private static byte[] encodePing(byte type, long payload) {
        return ByteBuffer.allocate(1 + Long.BYTES).put(type).putLong(payload).array();
    }

    private static byte[] encodeHealth(byte type, String problem) {
        byte[] text = problem.getBytes(UTF_8);
        if (text.length >= FrameLayout.MAX_MESSAGE_TO_SEND) {
            throw new IllegalArgumentException("problem: %d bytes (expected: 0 to %d)"
                    .formatted(text.length, FrameLayout.MAX_MESSAGE_TO_SEND - 1));
        }
        return ByteBuffer.allocate(1 + text.length).put(type).put(text).array();
    }

    private static Datagrams readDatagram(ByteBuffer payload) {
        int ecn = payload.get() & FrameLayout.ECN_MASK;
        return new Datagrams(ecn, 0, payload.slice());
    }

    private static Datagrams readBatch(ByteBuffer payload) {
        int ecn = payload.get() & FrameLayout.ECN_MASK;
        int segmentSize = Short.toUnsignedInt(payload.getShort());
        return new Datagrams(ecn, segmentSize, payload.slice());
    }

    private static long readPingPayload(FrameType type, ByteBuffer payload) throws RelayProtocolException {
        requireLength(type, payload, Long.BYTES, "opaque bytes");
        return payload.getLong();
    }

    private static void requirePayloadFits(FrameType type, ByteBuffer payload) throws RelayProtocolException {
        if (payload.remaining() > FrameLayout.MAX_PAYLOAD) {
            throw new RelayProtocolException("%s frame: payload of %d bytes (expected: %d at most)"
                    .formatted(type, payload.remaining(), FrameLayout.MAX_PAYLOAD));
        }
    }

    private static void requireLength(FrameType type, ByteBuffer payload, int expected, String meaning)
            throws RelayProtocolException {
        if (payload.remaining() != expected) {
            throw new RelayProtocolException("%s frame: payload of %d bytes (expected: %d, %s)"
                    .formatted(type, payload.remaining(), expected, meaning));
        }
    }

    private static void requireLengthAtLeast(FrameType type, ByteBuffer payload, int expected, String meaning)
            throws RelayProtocolException {
        if (payload.remaining() < expected) {
            throw new RelayProtocolException("%s frame: payload of %d bytes (expected: %d at least, %s)"
                    .formatted(type, payload.remaining(), expected, meaning));
        }
    }

    private static void requireVersion(FrameType type, ProtocolVersion found, ProtocolVersion expected)
            throws RelayProtocolException {
        if (found != expected) {
            throw new RelayProtocolException("%s frame: over %s (expected: only over %s)"
                    .formatted(type, found.subprotocol(), expected.subprotocol()));
        }
    }

    private static RelayProtocolException unexpectedType(FrameType type, String expected) {
        return new RelayProtocolException("frame type: %d (expected %s)".formatted(type.code(), expected));
    }
}
