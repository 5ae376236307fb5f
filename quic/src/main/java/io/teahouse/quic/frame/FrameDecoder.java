package io.teahouse.quic.frame;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Turns the payload of a packet into {@link Frame}s (RFC 9000, section 12.4).
 *
 * <p>Checks what a frame says as far as the frame alone can tell; what depends on the connection's state is for whoever
 * acts on it. Thread-safe: no state.
 */
public final class FrameDecoder {
    private static final int WITH_ECN = 0x01;
    private static final int STREAM_FIN = 0x01;
    private static final int STREAM_LENGTH = 0x02;
    private static final int STREAM_OFFSET = 0x04;
    private static final int UNIDIRECTIONAL = 0x01;
    private static final int DATAGRAM_LENGTH = 0x01;

    private FrameDecoder() {}

    /**
     * Breaks off if a packet has no frames at all, which is not allowed.
     *
     * @param payload all of the packet's
     * @throws TransportException if it is empty
     */
    public static void requireFrames(ByteBuffer payload) throws TransportException {
        if (!payload.hasRemaining()) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, "payload: empty (expected: a frame at least)");
        }
    }

    /**
     * Reads the next frame.
     *
     * @param payload not empty, big-endian; its position moves behind the frame
     * @param rules   which frames the packet may have
     * @return the frame; what it holds are views of the payload
     * @throws TransportException if it is no frame, or one that this packet must not have
     */
    public static Frame decode(ByteBuffer payload, FrameRules rules) throws TransportException {
        int start = payload.position();
        long code = VarInt.read(payload);
        if (code == VarInt.TRUNCATED) {
            throw new TransportException(
                    TransportError.FRAME_ENCODING_ERROR, "frame type: the packet's end (expected: more bytes)");
        }
        Optional<FrameType> type = FrameType.ofCode(code);
        if (type.isEmpty()) {
            throw new TransportException(
                    TransportError.FRAME_ENCODING_ERROR,
                    code,
                    "frame type: 0x%x (expected: a known one)".formatted(code));
        }
        if (payload.position() - start != VarInt.size(code)) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    code,
                    "frame type: 0x%x in %d bytes (expected: %d, the fewest)"
                            .formatted(code, payload.position() - start, VarInt.size(code)));
        }
        rules.require(type.get(), code);
        return decodeBody(type.get(), new FrameBody(type.get(), code, payload), payload);
    }

    private static Frame decodeBody(FrameType type, FrameBody body, ByteBuffer payload) throws TransportException {
        return switch (type) {
            case PADDING -> decodePadding(payload);
            case PING -> new ConnectionFrame.Ping();
            case CRYPTO -> decodeCrypto(body);
            case NEW_TOKEN -> decodeNewToken(body);
            case MAX_DATA -> new ConnectionFrame.MaxData(body.number("limit"));
            case DATA_BLOCKED -> new ConnectionFrame.DataBlocked(body.number("limit"));
            case TRANSPORT_CLOSE ->
                new ConnectionFrame.TransportClose(
                        body.number("code"), body.number("frame type"), body.bytes("reason"));
            case APPLICATION_CLOSE -> new ConnectionFrame.ApplicationClose(body.number("code"), body.bytes("reason"));
            case HANDSHAKE_DONE -> new ConnectionFrame.HandshakeDone();
            case IMMEDIATE_ACK -> new ConnectionFrame.ImmediateAck();
            case ACK_FREQUENCY ->
                new ConnectionFrame.AckFrequency(
                        body.number("sequence"),
                        body.number("ack-eliciting threshold"),
                        body.number("requested max ack delay"),
                        body.number("reordering threshold"));
            case DATAGRAM ->
                new ConnectionFrame.Datagram(body.hasBit(DATAGRAM_LENGTH) ? body.bytes("data") : body.rest());

            case ACK, PATH_ACK -> decodeAck(type, body);

            case STREAM -> decodeStream(body);
            case RESET_STREAM ->
                new StreamFrame.ResetStream(body.number("stream id"), body.number("code"), body.number("final size"));
            case STOP_SENDING -> new StreamFrame.StopSending(body.number("stream id"), body.number("code"));
            case MAX_STREAM_DATA -> new StreamFrame.MaxStreamData(body.number("stream id"), body.number("limit"));
            case STREAM_DATA_BLOCKED ->
                new StreamFrame.StreamDataBlocked(body.number("stream id"), body.number("limit"));
            case MAX_STREAMS ->
                new StreamFrame.MaxStreams(
                        !body.hasBit(UNIDIRECTIONAL), body.numberUpTo(StreamFrame.MAX_STREAMS, "limit"));
            case STREAMS_BLOCKED ->
                new StreamFrame.StreamsBlocked(
                        !body.hasBit(UNIDIRECTIONAL), body.numberUpTo(StreamFrame.MAX_STREAMS, "limit"));

            case NEW_CONNECTION_ID -> new PathFrame.NewConnectionId(body.issuedId());
            case PATH_NEW_CONNECTION_ID -> new PathFrame.PathNewConnectionId(body.pathId("path id"), body.issuedId());
            case RETIRE_CONNECTION_ID -> new PathFrame.RetireConnectionId(body.number("sequence"));
            case PATH_RETIRE_CONNECTION_ID ->
                new PathFrame.PathRetireConnectionId(body.pathId("path id"), body.number("sequence"));
            case PATH_CHALLENGE -> new PathFrame.PathChallenge(body.eightBytes("data"));
            case PATH_RESPONSE -> new PathFrame.PathResponse(body.eightBytes("data"));
            case PATH_ABANDON -> new PathFrame.PathAbandon(body.pathId("path id"), body.number("code"));
            case PATH_STATUS_BACKUP -> new PathFrame.PathStatusBackup(body.pathId("path id"), body.number("sequence"));
            case PATH_STATUS_AVAILABLE ->
                new PathFrame.PathStatusAvailable(body.pathId("path id"), body.number("sequence"));
            case MAX_PATH_ID -> new PathFrame.MaxPathId(body.pathId("maximum"));
            case PATHS_BLOCKED -> new PathFrame.PathsBlocked(body.pathId("maximum"));
            case PATH_CIDS_BLOCKED ->
                new PathFrame.PathCidsBlocked(body.pathId("path id"), body.number("next sequence"));

            case OBSERVED_ADDRESS -> new AddressFrame.ObservedAddress(body.number("sequence"), body.address());
            case ADD_ADDRESS -> new AddressFrame.AddAddress(body.number("sequence"), body.address());
            case REACH_OUT -> new AddressFrame.ReachOut(body.number("round"), body.address());
            case REMOVE_ADDRESS -> new AddressFrame.RemoveAddress(body.number("sequence"));
        };
    }

    private static Frame decodePadding(ByteBuffer payload) {
        int first = payload.position() - 1;
        while (payload.hasRemaining() && payload.get(payload.position()) == 0) {
            payload.get();
        }
        return new ConnectionFrame.Padding(payload.position() - first);
    }

    private static Frame decodeCrypto(FrameBody body) throws TransportException {
        long offset = body.number("offset");
        var data = body.bytes("data");
        body.requireEndIsNumber(offset, data);
        return new ConnectionFrame.Crypto(offset, data);
    }

    private static Frame decodeNewToken(FrameBody body) throws TransportException {
        var token = body.bytes("token");
        if (!token.hasRemaining()) {
            throw body.wrong("token", "empty", "a byte at least");
        }
        return new ConnectionFrame.NewToken(token);
    }

    private static Frame decodeStream(FrameBody body) throws TransportException {
        long streamId = body.number("stream id");
        long offset = body.hasBit(STREAM_OFFSET) ? body.number("offset") : 0;
        var data = body.hasBit(STREAM_LENGTH) ? body.bytes("data") : body.rest();
        body.requireEndIsNumber(offset, data);
        return new StreamFrame.StreamData(streamId, offset, data, body.hasBit(STREAM_FIN));
    }

    private static Frame decodeAck(FrameType type, FrameBody body) throws TransportException {
        long pathId = type == FrameType.PATH_ACK ? body.pathId("path id") : 0;
        long largest = body.number("largest");
        long delay = body.number("delay");
        var ranges = body.ackRanges(largest, body.number("range count"));
        Optional<EcnCounts> ecn = body.hasBit(WITH_ECN)
                ? Optional.of(new EcnCounts(body.number("ECT(0)"), body.number("ECT(1)"), body.number("CE")))
                : Optional.empty();
        return type == FrameType.PATH_ACK
                ? new AckFrame.PathAck(pathId, ranges, delay, ecn)
                : new AckFrame.Ack(ranges, delay, ecn);
    }
}
