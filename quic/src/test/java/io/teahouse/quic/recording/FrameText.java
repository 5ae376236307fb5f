package io.teahouse.quic.recording;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes a frame as the recordings describe it, all but its type. */
final class FrameText {
    private FrameText() {}

    static JsonObject describe(Frame frame) {
        var text = new JsonObject();
        switch (frame) {
            case ConnectionFrame connectionFrame -> describe(connectionFrame, text);
            case AckFrame ack -> describe(ack, text);
            case StreamFrame.StreamData stream -> {
                name(text, "STREAM");
                text.addProperty("id", stream.streamId());
                text.addProperty("offset", stream.offset());
                text.addProperty("fin", stream.fin());
                text.addProperty("data_len", stream.data().remaining());
            }
            case PathFrame pathFrame -> describe(pathFrame, text);
            case AddressFrame addressFrame -> describe(addressFrame, text);
            case StreamFrame other -> name(text, other.toString());
        }
        return text;
    }

    private static void describe(ConnectionFrame frame, JsonObject text) {
        name(text, frame.type().name());
        switch (frame) {
            case ConnectionFrame.Padding(int length) -> text.addProperty("len", length);
            case ConnectionFrame.Crypto crypto -> {
                text.addProperty("offset", crypto.offset());
                text.addProperty("data_len", crypto.data().remaining());
            }
            case ConnectionFrame.Datagram datagram ->
                text.addProperty("data_len", datagram.data().remaining());
            case ConnectionFrame.TransportClose close -> {
                name(text, "CONNECTION_CLOSE");
                text.addProperty("err", close.code());
                text.addProperty("frame", close.frameType());
                text.addProperty("reason", utf8(close.reason()));
            }
            case ConnectionFrame.ApplicationClose close -> {
                name(text, "CONNECTION_CLOSE(app)");
                text.addProperty("err", close.code());
                text.addProperty("reason", utf8(close.reason()));
            }
            default -> {}
        }
    }

    private static void describe(AckFrame frame, JsonObject text) {
        name(text, frame.type().name());
        if (frame instanceof AckFrame.PathAck) {
            text.addProperty("path_id", frame.pathId());
        }
        text.addProperty("largest", frame.ranges().largest());
        text.addProperty("delay", frame.delay());
        var ranges = new JsonArray();
        for (int index = 0; index < frame.ranges().count(); index++) {
            ranges.add(numbers(frame.ranges().smallest(index), frame.ranges().largest(index)));
        }
        text.add("ranges", ranges);
        frame.ecn().ifPresent(ecn -> text.add("ecn", numbers(ecn.ect0(), ecn.ect1(), ecn.ce())));
    }

    private static void describe(PathFrame frame, JsonObject text) {
        name(text, frame.type().name());
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> issued(text, issued);
            case PathFrame.PathNewConnectionId(long pathId, var issued) -> {
                text.addProperty("path_id", pathId);
                issued(text, issued);
            }
            case PathFrame.RetireConnectionId(long sequence) -> text.addProperty("seq", sequence);
            case PathFrame.PathRetireConnectionId(long pathId, long sequence) -> {
                text.addProperty("path_id", pathId);
                text.addProperty("seq", sequence);
            }
            case PathFrame.PathChallenge(long data) -> text.addProperty("data", "%016x".formatted(data));
            case PathFrame.PathResponse(long data) -> text.addProperty("data", "%016x".formatted(data));
            case PathFrame.PathAbandon(long pathId, long code) -> {
                text.addProperty("path_id", pathId);
                text.addProperty("err", code);
            }
            case PathFrame.PathStatusBackup(long pathId, long sequence) -> {
                text.addProperty("path_id", pathId);
                text.addProperty("seq", sequence);
            }
            case PathFrame.PathStatusAvailable(long pathId, long sequence) -> {
                text.addProperty("path_id", pathId);
                text.addProperty("seq", sequence);
            }
            case PathFrame.MaxPathId(long maxPathId) -> text.addProperty("max", maxPathId);
            case PathFrame.PathsBlocked _, PathFrame.PathCidsBlocked _ -> name(text, frame.toString());
        }
    }

    private static void describe(AddressFrame frame, JsonObject text) {
        name(text, frame.type().name());
        switch (frame) {
            case AddressFrame.ObservedAddress(long sequence, var address) -> address(text, "seq", sequence, address);
            case AddressFrame.AddAddress(long sequence, var address) -> address(text, "seq", sequence, address);
            case AddressFrame.ReachOut(long round, var address) -> address(text, "round", round, address);
            case AddressFrame.RemoveAddress(long sequence) -> text.addProperty("seq", sequence);
        }
    }

    private static void issued(JsonObject text, IssuedId issued) {
        text.addProperty("seq", issued.sequence());
        text.addProperty("retire_prior_to", issued.retirePriorTo());
        text.addProperty("cid", issued.id().toString());
        text.addProperty("reset_token", Vectors.hex(issued.resetToken().toBytes()));
    }

    private static void address(JsonObject text, String counter, long count, InetSocketAddress address) {
        text.addProperty(counter, count);
        text.addProperty("ip", address.getAddress().getHostAddress());
        text.addProperty("port", address.getPort());
    }

    private static void name(JsonObject text, String name) {
        text.addProperty("name", name);
    }

    private static JsonArray numbers(long... values) {
        var array = new JsonArray();
        for (long value : values) {
            array.add(value);
        }
        return array;
    }

    static String utf8(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
