package io.teahouse.quic.recording;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.packet.PacketProtection;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.wire.TransportException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Every packet that iroh 1.x sent in the recordings: opened, compared with what another decoder read in it, and made
 * once more out of its parts.
 */
class RecordingsTest {
    private static final List<String> NAMES = Recording.NAMES;

    private static final int FIXED_BIT = 0x40;
    private static final int OBSERVED_IPV6 = 0x809f81a7;
    private static final int OBSERVED_IPV6_LENGTH = Integer.BYTES + 1 + 16 + Short.BYTES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void everyPacketIsReadAsRecordedAndComesOutTheSameAgain(String name) throws TransportException {
        var recording = new Recording(name);
        var replay = new Replay(recording);
        for (JsonObject datagram : recording.datagrams()) {
            var sent = Replay.bytes(datagram);

            var opened = replay.open(Replay.bytes(datagram));

            var recorded = Recording.objects(datagram.getAsJsonArray("packets")).stream()
                    .filter(packet -> !Vectors.text(packet, "type").equals("Retry"))
                    .toList();
            assertThat(opened).hasSameSizeAs(recorded);
            for (int index = 0; index < recorded.size(); index++) {
                assertReadAsRecorded(opened.get(index), recorded.get(index));
            }
            for (var packet : opened) {
                assertComesOutTheSameAgain(replay, packet, sent);
            }
        }
    }

    @Test
    void allPacketsOfAllRecordingsWereOpened() throws TransportException {
        int packets = 0;
        for (String name : NAMES) {
            var recording = new Recording(name);
            var replay = new Replay(recording);
            for (JsonObject datagram : recording.datagrams()) {
                packets += replay.open(Replay.bytes(datagram)).size();
            }
        }

        assertThat(packets).isEqualTo(1048);
    }

    private static void assertReadAsRecorded(Replay.Opened opened, JsonObject recorded) {
        var sealed = opened.sealed();
        var type = switch (sealed.type()) {
            case INITIAL -> "Initial";
            case ZERO_RTT -> "0-RTT";
            case HANDSHAKE -> "Handshake";
            case ONE_RTT -> "1-RTT";
        };
        assertThat(type).isEqualTo(Vectors.text(recorded, "type"));
        assertThat(opened.route().connection()).isEqualTo(Vectors.integer(recorded, "conn"));
        assertThat(opened.route().sender().name().toLowerCase(Locale.ROOT)).isEqualTo(Vectors.text(recorded, "from"));
        assertThat(opened.route().pathId()).isEqualTo(Vectors.integer(recorded, "path_id"));
        assertThat(sealed.destination()).hasToString(Vectors.text(recorded, "dcid"));
        assertThat(sealed.source().map(Object::toString).orElse(""))
                .isEqualTo(recorded.has("scid") ? Vectors.text(recorded, "scid") : "");
        assertThat(Vectors.hex(sealed.token())).isEqualTo(recorded.has("token") ? Vectors.text(recorded, "token") : "");
        assertThat(opened.number()).isEqualTo(Vectors.integer(recorded, "pn"));
        assertThat(opened.numberLength()).isEqualTo(Vectors.integer(recorded, "pn_len"));
        assertThat(sealed.end() - sealed.start()).isEqualTo(Vectors.integer(recorded, "size"));
        assertThat(Byte.toUnsignedInt(opened.firstByte()))
                .isEqualTo(Integer.decode(Vectors.text(recorded, "unprotected_first_byte")));
        assertThat(opened.keyGeneration())
                .isEqualTo(recorded.has("key_phase") ? Vectors.integer(recorded, "key_phase") : 0);
        assertThat(PacketProtection.reservedBits(opened.firstByte())).isZero();

        var frames = new JsonArray();
        opened.frames().forEach(frame -> frames.add(FrameText.describe(frame)));
        assertThat(frames).isEqualTo(withoutTypes(recorded.getAsJsonArray("frames")));
    }

    private static JsonArray withoutTypes(JsonArray frames) {
        var without = frames.deepCopy();
        for (JsonObject frame : Recording.objects(without)) {
            frame.remove("type");
            if (frame.has("ip")) {
                // Without the IPv6 that some wrap around IPv4.
                var address = InetAddress.ofLiteral(Vectors.text(frame, "ip"));
                frame.addProperty("ip", address.getHostAddress());
            }
        }
        return without;
    }

    private static void assertComesOutTheSameAgain(Replay replay, Replay.Opened packet, byte[] sent) {
        var sealed = packet.sealed();
        var out = ByteBuffer.allocate(sealed.end() - sealed.start());
        var writer = begin(packet, out);
        for (Frame frame : packet.frames()) {
            write(frame, packet, writer.payload());
        }

        assertThat(writer.payload().duplicate().flip()).isEqualTo(packet.payload());
        writer.finish(replay.sealerOf(packet), replay.protectionOf(packet));
        // Who knows that the other side does not mind leaves the fixed bit to chance, which we do not do.
        if ((packet.firstByte() & FIXED_BIT) != 0) {
            assertThat(Vectors.hex(out.flip()))
                    .isEqualTo(Vectors.hex(ByteBuffer.wrap(sent, sealed.start(), sealed.end() - sealed.start())));
        }
    }

    private static PacketWriter begin(Replay.Opened packet, ByteBuffer out) {
        var sealed = packet.sealed();
        return sealed.type() == PacketType.ONE_RTT
                ? PacketWriter.shortHeader(
                        out,
                        sealed.destination(),
                        PacketProtection.spin(packet.firstByte()),
                        PacketProtection.keyPhase(packet.firstByte()),
                        packet.route().pathId(),
                        packet.number(),
                        packet.numberLength())
                : PacketWriter.longHeader(
                        out,
                        sealed.type(),
                        sealed.destination(),
                        sealed.source().orElseThrow(),
                        sealed.token(),
                        packet.number(),
                        packet.numberLength());
    }

    private static void write(Frame frame, Replay.Opened packet, ByteBuffer payload) {
        int start = payload.position();
        FrameEncoder.write(frame, payload);
        assertThat(payload.position() - start).isEqualTo(FrameEncoder.length(frame));
        if (frame instanceof AddressFrame.ObservedAddress && packet.payload().getInt(start) == OBSERVED_IPV6) {
            // A relay on a dual-stack socket wraps IPv4 addresses in IPv6 ones, which we never do: take it as it was.
            payload.position(start).put(packet.payload().slice(start, OBSERVED_IPV6_LENGTH));
        }
    }
}
