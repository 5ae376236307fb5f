package io.teahouse.quic.frame;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.ConnectionId;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Turns {@link Frame}s into bytes, all numbers in their shortest form.
 *
 * <p>Stream data and datagrams get a length, stream data an offset only if it is not 0. Thread-safe: no state.
 */
public final class FrameEncoder {
    private static final int STREAM_FIN = 0x01;
    private static final int STREAM_LENGTH = 0x02;
    private static final int STREAM_OFFSET = 0x04;
    private static final int UNIDIRECTIONAL = 0x01;
    private static final int DATAGRAM_LENGTH = 0x01;

    private FrameEncoder() {}

    /**
     * {@return how many bytes a frame takes}
     *
     * @param frame any
     */
    public static int length(Frame frame) {
        var count = new FrameSink.Count();
        encode(frame, count);
        return count.length;
    }

    /**
     * Writes a frame.
     *
     * @param frame any
     * @param out   big-endian, with room for {@link #length} bytes; its position moves past them
     */
    public static void write(Frame frame, ByteBuffer out) {
        encode(frame, new FrameSink.Into(out));
    }

    /**
     * {@return how many bytes a STREAM frame takes beside its data}
     *
     * @param streamId which stream
     * @param offset   of the first byte
     * @param length   how many bytes
     */
    public static int streamHeaderLength(long streamId, long offset, int length) {
        return 1 + VarInt.size(streamId) + (offset == 0 ? 0 : VarInt.size(offset)) + VarInt.size(length);
    }

    /**
     * Writes the head of a STREAM frame, for data that is copied behind it from where it is kept.
     *
     * @param streamId which stream
     * @param offset   of the first byte
     * @param length   how many bytes
     * @param fin      whether the stream ends behind them
     * @param out      big-endian, with room for {@link #streamHeaderLength} bytes; its position moves past them
     */
    public static void writeStreamHeader(long streamId, long offset, int length, boolean fin, ByteBuffer out) {
        streamHeader(streamId, offset, length, fin, new FrameSink.Into(out));
    }

    /**
     * Writes the head of a CRYPTO frame, for data that is copied behind it from where it is kept.
     *
     * @param offset of the first byte
     * @param length how many bytes
     * @param out    big-endian, with room for it; its position moves past it
     */
    public static void writeCryptoHeader(long offset, int length, ByteBuffer out) {
        numbers(new FrameSink.Into(out), FrameType.CRYPTO.code(), offset, length);
    }

    private static void streamHeader(long streamId, long offset, int length, boolean fin, FrameSink sink) {
        int bits = STREAM_LENGTH | (offset == 0 ? 0 : STREAM_OFFSET) | (fin ? STREAM_FIN : 0);
        numbers(sink, FrameType.STREAM.code() | bits, streamId);
        if (offset != 0) {
            sink.number(offset);
        }
        sink.number(length);
    }

    private static void encode(Frame frame, FrameSink sink) {
        switch (frame) {
            case ConnectionFrame connectionFrame -> encodeConnectionFrame(connectionFrame, sink);
            case AckFrame ack -> encodeAck(ack, sink);
            case StreamFrame streamFrame -> encodeStreamFrame(streamFrame, sink);
            case PathFrame pathFrame -> encodePathFrame(pathFrame, sink);
            case AddressFrame addressFrame -> encodeAddressFrame(addressFrame, sink);
        }
    }

    private static void encodeConnectionFrame(ConnectionFrame frame, FrameSink sink) {
        long code = frame.type().code();
        switch (frame) {
            case ConnectionFrame.Padding(int length) -> sink.zeros(length);
            case ConnectionFrame.Ping _, ConnectionFrame.HandshakeDone _, ConnectionFrame.ImmediateAck _ ->
                sink.number(code);
            case ConnectionFrame.Crypto crypto -> {
                numbers(sink, code, crypto.offset());
                sized(sink, crypto.data());
            }
            case ConnectionFrame.NewToken newToken -> {
                sink.number(code);
                sized(sink, newToken.token());
            }
            case ConnectionFrame.MaxData(long limit) -> numbers(sink, code, limit);
            case ConnectionFrame.DataBlocked(long limit) -> numbers(sink, code, limit);
            case ConnectionFrame.TransportClose close -> {
                numbers(sink, code, close.code(), close.frameType());
                sized(sink, close.reason());
            }
            case ConnectionFrame.ApplicationClose close -> {
                numbers(sink, code, close.code());
                sized(sink, close.reason());
            }
            case ConnectionFrame.AckFrequency(long sequence, long eliciting, long delay, long reordering) ->
                numbers(sink, code, sequence, eliciting, delay, reordering);
            case ConnectionFrame.Datagram datagram -> {
                sink.number(code | DATAGRAM_LENGTH);
                sized(sink, datagram.data());
            }
        }
    }

    private static void encodeAck(AckFrame frame, FrameSink sink) {
        long code = frame.type().code();
        sink.number(frame.ecn().isPresent() ? code + 1 : code);
        if (frame instanceof AckFrame.PathAck) {
            sink.number(frame.pathId());
        }
        var ranges = frame.ranges();
        numbers(sink, ranges.largest(), frame.delay(), ranges.count() - 1);
        for (int index = 0; index < ranges.count(); index++) {
            if (index > 0) {
                sink.number(ranges.smallest(index - 1) - ranges.largest(index) - 2);
            }
            sink.number(ranges.largest(index) - ranges.smallest(index));
        }
        Optional<EcnCounts> ecn = frame.ecn();
        ecn.ifPresent(counts -> numbers(sink, counts.ect0(), counts.ect1(), counts.ce()));
    }

    private static void encodeStreamFrame(StreamFrame frame, FrameSink sink) {
        long code = frame.type().code();
        switch (frame) {
            case StreamFrame.StreamData data -> {
                var bytes = data.data();
                streamHeader(data.streamId(), data.offset(), bytes.remaining(), data.fin(), sink);
                sink.bytes(bytes);
            }
            case StreamFrame.ResetStream(long streamId, long error, long finalSize) ->
                numbers(sink, code, streamId, error, finalSize);
            case StreamFrame.StopSending(long streamId, long error) -> numbers(sink, code, streamId, error);
            case StreamFrame.MaxStreamData(long streamId, long limit) -> numbers(sink, code, streamId, limit);
            case StreamFrame.StreamDataBlocked(long streamId, long limit) -> numbers(sink, code, streamId, limit);
            case StreamFrame.MaxStreams(boolean bidirectional, long limit) ->
                numbers(sink, bidirectional ? code : code | UNIDIRECTIONAL, limit);
            case StreamFrame.StreamsBlocked(boolean bidirectional, long limit) ->
                numbers(sink, bidirectional ? code : code | UNIDIRECTIONAL, limit);
        }
    }

    private static void encodePathFrame(PathFrame frame, FrameSink sink) {
        long code = frame.type().code();
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> {
                sink.number(code);
                issuedId(sink, issued);
            }
            case PathFrame.PathNewConnectionId(long pathId, var issued) -> {
                numbers(sink, code, pathId);
                issuedId(sink, issued);
            }
            case PathFrame.RetireConnectionId(long sequence) -> numbers(sink, code, sequence);
            case PathFrame.PathRetireConnectionId(long pathId, long sequence) -> numbers(sink, code, pathId, sequence);
            case PathFrame.PathChallenge(long data) -> {
                sink.number(code);
                sink.eightBytes(data);
            }
            case PathFrame.PathResponse(long data) -> {
                sink.number(code);
                sink.eightBytes(data);
            }
            case PathFrame.PathAbandon(long pathId, long error) -> numbers(sink, code, pathId, error);
            case PathFrame.PathStatusBackup(long pathId, long sequence) -> numbers(sink, code, pathId, sequence);
            case PathFrame.PathStatusAvailable(long pathId, long sequence) -> numbers(sink, code, pathId, sequence);
            case PathFrame.MaxPathId(long maxPathId) -> numbers(sink, code, maxPathId);
            case PathFrame.PathsBlocked(long maxPathId) -> numbers(sink, code, maxPathId);
            case PathFrame.PathCidsBlocked(long pathId, long nextSequence) -> numbers(sink, code, pathId, nextSequence);
        }
    }

    private static void encodeAddressFrame(AddressFrame frame, FrameSink sink) {
        long code = frame.type().code();
        switch (frame) {
            case AddressFrame.ObservedAddress(long sequence, var address) -> address(sink, code, sequence, address);
            case AddressFrame.AddAddress(long sequence, var address) -> address(sink, code, sequence, address);
            case AddressFrame.ReachOut(long round, var address) -> address(sink, code, round, address);
            case AddressFrame.RemoveAddress(long sequence) -> numbers(sink, code, sequence);
        }
    }

    private static void address(FrameSink sink, long code, long sequence, InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        numbers(sink, ip instanceof Inet6Address ? code + 1 : code, sequence);
        sink.bytes(ByteBuffer.wrap(ip.getAddress()));
        sink.octet(address.getPort() >> Byte.SIZE);
        sink.octet(address.getPort());
    }

    private static void issuedId(FrameSink sink, IssuedId issued) {
        numbers(sink, issued.sequence(), issued.retirePriorTo());
        ConnectionId id = issued.id();
        sink.octet(id.length());
        sink.bytes(ByteBuffer.wrap(id.toBytes()));
        sink.bytes(ByteBuffer.wrap(issued.resetToken().toBytes()));
    }

    private static void sized(FrameSink sink, ByteBuffer bytes) {
        sink.number(bytes.remaining());
        sink.bytes(bytes);
    }

    private static void numbers(FrameSink sink, long... values) {
        for (long value : values) {
            sink.number(value);
        }
    }
}
