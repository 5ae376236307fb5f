package io.teahouse.quic.qlog;

import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Frames as the events of qlog have them (draft-ietf-quic-qlog-quic-events); those that it does not know by their own fields. */
final class FrameJson {
    /** What is taken for the unit of delays in acknowledgements: what absence of a value means. */
    private static final int DELAY_UNIT_NANOS = 8000;

    private FrameJson() {}

    static void write(Frame frame, JsonText json) {
        json.begin('{').field("frame_type", name(frame));
        switch (frame) {
            case AckFrame ack -> ack(ack, json);
            case StreamFrame stream -> stream(stream, json);
            case ConnectionFrame connection -> connection(connection, json);
            case PathFrame path -> path(path, json);
            case AddressFrame address -> address(address, json);
        }
        json.end('}');
    }

    private static String name(Frame frame) {
        return switch (frame) {
            case ConnectionFrame.TransportClose _, ConnectionFrame.ApplicationClose _ -> "connection_close";
            default -> frame.type().name().toLowerCase(Locale.ROOT);
        };
    }

    private static void ack(AckFrame frame, JsonText json) {
        switch (frame) {
            case AckFrame.Ack(var ranges, long delay, var ecn) -> acknowledged(ranges, delay, ecn, json);
            case AckFrame.PathAck(long pathId, var ranges, long delay, var ecn) -> {
                json.field("path_id", pathId);
                acknowledged(ranges, delay, ecn, json);
            }
        }
    }

    private static void acknowledged(AckRanges ranges, long delay, Optional<EcnCounts> ecn, JsonText json) {
        long mostUnits = Long.MAX_VALUE / DELAY_UNIT_NANOS;
        json.millis("ack_delay", Math.min(delay, mostUnits) * DELAY_UNIT_NANOS);
        json.name("acked_ranges").begin('[');
        for (int i = ranges.count() - 1; i >= 0; i--) {
            json.begin('[').value(ranges.smallest(i)).value(ranges.largest(i)).end(']');
        }
        json.end(']');
        ecn.ifPresent(counts ->
                json.field("ect0", counts.ect0()).field("ect1", counts.ect1()).field("ce", counts.ce()));
    }

    private static void stream(StreamFrame frame, JsonText json) {
        switch (frame) {
            case StreamFrame.StreamData(long id, long offset, var data, boolean fin) ->
                json.field("stream_id", id)
                        .field("offset", offset)
                        .field("length", data.remaining())
                        .field("fin", fin);
            case StreamFrame.ResetStream(long id, long code, long size) ->
                json.field("stream_id", id).field("error_code", code).field("final_size", size);
            case StreamFrame.StopSending(long id, long code) ->
                json.field("stream_id", id).field("error_code", code);
            case StreamFrame.MaxStreamData(long id, long limit) ->
                json.field("stream_id", id).field("maximum", limit);
            case StreamFrame.StreamDataBlocked(long id, long limit) ->
                json.field("stream_id", id).field("limit", limit);
            case StreamFrame.MaxStreams(boolean bidirectional, long limit) ->
                json.field("stream_type", streams(bidirectional)).field("maximum", limit);
            case StreamFrame.StreamsBlocked(boolean bidirectional, long limit) ->
                json.field("stream_type", streams(bidirectional)).field("limit", limit);
        }
    }

    private static String streams(boolean bidirectional) {
        return bidirectional ? "bidirectional" : "unidirectional";
    }

    private static void connection(ConnectionFrame frame, JsonText json) {
        switch (frame) {
            case ConnectionFrame.Padding(int length) -> json.field("payload_length", length);
            case ConnectionFrame.Crypto(long offset, var data) ->
                json.field("offset", offset).field("length", data.remaining());
            case ConnectionFrame.NewToken(var token) ->
                json.name("token").begin('{').field("length", token.remaining()).end('}');
            case ConnectionFrame.MaxData(long limit) -> json.field("maximum", limit);
            case ConnectionFrame.DataBlocked(long limit) -> json.field("limit", limit);
            case ConnectionFrame.TransportClose(long code, long type, var reason) ->
                json.field("error_space", "transport")
                        .field("error_code", code)
                        .field("raw_error_code", code)
                        .field("reason", text(reason))
                        .field("trigger_frame_type", type);
            case ConnectionFrame.ApplicationClose(long code, var reason) ->
                json.field("error_space", "application")
                        .field("error_code", code)
                        .field("raw_error_code", code)
                        .field("reason", text(reason));
            case ConnectionFrame.AckFrequency(long sequence, long threshold, long delayMicros, long reordering) ->
                json.field("sequence_number", sequence)
                        .field("ack_eliciting_threshold", threshold)
                        .field("request_max_ack_delay", delayMicros)
                        .field("reordering_threshold", reordering);
            case ConnectionFrame.Datagram(var data) -> json.field("length", data.remaining());
            case ConnectionFrame.Ping _, ConnectionFrame.HandshakeDone _, ConnectionFrame.ImmediateAck _ -> {}
        }
    }

    private static String text(ByteBuffer utf8) {
        return StandardCharsets.UTF_8.decode(utf8.duplicate()).toString();
    }

    private static void path(PathFrame frame, JsonText json) {
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> issued(issued, json);
            case PathFrame.PathNewConnectionId(long pathId, var issued) -> {
                json.field("path_id", pathId);
                issued(issued, json);
            }
            case PathFrame.RetireConnectionId(long sequence) -> json.field("sequence_number", sequence);
            case PathFrame.PathRetireConnectionId(long pathId, long sequence) ->
                json.field("path_id", pathId).field("sequence_number", sequence);
            case PathFrame.PathChallenge(long data) -> json.field("data", "%016x".formatted(data));
            case PathFrame.PathResponse(long data) -> json.field("data", "%016x".formatted(data));
            case PathFrame.PathAbandon(long pathId, long code) ->
                json.field("path_id", pathId).field("error_code", code);
            case PathFrame.PathStatusBackup(long pathId, long sequence) ->
                json.field("path_id", pathId).field("sequence_number", sequence);
            case PathFrame.PathStatusAvailable(long pathId, long sequence) ->
                json.field("path_id", pathId).field("sequence_number", sequence);
            case PathFrame.MaxPathId(long maximum) -> json.field("maximum", maximum);
            case PathFrame.PathsBlocked(long maximum) -> json.field("maximum", maximum);
            case PathFrame.PathCidsBlocked(long pathId, long sequence) ->
                json.field("path_id", pathId).field("sequence_number", sequence);
        }
    }

    /** Without the token of a stateless reset, with which anybody could end the connection. */
    private static void issued(IssuedId issued, JsonText json) {
        json.field("sequence_number", issued.sequence())
                .field("retire_prior_to", issued.retirePriorTo())
                .field("length", issued.id().length())
                .field("connection_id", issued.id().toString());
    }

    private static void address(AddressFrame frame, JsonText json) {
        switch (frame) {
            case AddressFrame.ObservedAddress(long sequence, var address) ->
                json.field("sequence_number", sequence).field("address", text(address));
            case AddressFrame.AddAddress(long sequence, var address) ->
                json.field("sequence_number", sequence).field("address", text(address));
            case AddressFrame.ReachOut(long round, var address) ->
                json.field("round", round).field("address", text(address));
            case AddressFrame.RemoveAddress(long sequence) -> json.field("sequence_number", sequence);
        }
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
