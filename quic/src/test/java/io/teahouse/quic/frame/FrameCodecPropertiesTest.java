package io.teahouse.quic.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class FrameCodecPropertiesTest {
    /** Whose packets they are is tried both ways, since some frames only one side may send. */
    private static List<Frame> decode(ByteBuffer payload, Role sender) throws TransportException {
        var rules = new FrameRules(EncryptionLevel.ONE_RTT, sender, EnumSet.allOf(Extension.class));
        var frames = new ArrayList<Frame>();
        FrameDecoder.requireFrames(payload);
        while (payload.hasRemaining()) {
            int before = payload.position();
            frames.add(FrameDecoder.decode(payload, rules));
            assertThat(payload.position()).isGreaterThan(before);
        }
        return frames;
    }

    private static ByteBuffer encode(List<Frame> frames) {
        int length = frames.stream().mapToInt(FrameEncoder::length).sum();
        var payload = ByteBuffer.allocate(length);
        frames.forEach(frame -> FrameEncoder.write(frame, payload));
        assertThat(payload.hasRemaining()).isFalse();
        return payload.flip();
    }

    private static Role senderOf(Frame frame) {
        return frame.type().sender().orElse(Role.CLIENT);
    }

    @Property
    void whatIsWrittenIsRead(@ForAll("frames") Frame frame) throws TransportException {
        assertThat(decode(encode(List.of(frame)), senderOf(frame))).containsExactly(frame);
    }

    @Property(tries = 200)
    void framesFollowEachOther(@ForAll("frameLists") List<Frame> frames) throws TransportException {
        var sentByAnyone = frames.stream()
                .filter(frame -> frame.type().sender().isEmpty())
                .filter(frame -> !(frame instanceof ConnectionFrame.Padding))
                .toList();
        if (!sentByAnyone.isEmpty()) {
            assertThat(decode(encode(sentByAnyone), Role.CLIENT)).isEqualTo(sentByAnyone);
        }
    }

    @Property
    void aFrameThatIsCutShortIsAnErrorAndNothingElse(
            @ForAll("frames") Frame frame, @ForAll @IntRange(min = 0, max = 999) int perMille) {
        var whole = encode(List.of(frame));
        var cut = whole.slice(0, whole.limit() * perMille / 1000);

        assertDecodesOrFails(cut, senderOf(frame));
    }

    @Property(tries = 5000)
    void anyBytesAreFramesOrAnError(@ForAll("payloads") byte[] payload, @ForAll Role sender) {
        assertDecodesOrFails(ByteBuffer.wrap(payload), sender);
    }

    @Property
    void framesDoNotUseUpWhatTheyHold(@ForAll("frames") Frame frame) {
        assertThat(encode(List.of(frame))).isEqualTo(encode(List.of(frame)));
    }

    @Property
    void ackRangesAreReadAsTheyAre(@ForAll("ranges") AckRanges ranges) {
        for (int index = 0; index < ranges.count(); index++) {
            assertThat(ranges.contains(ranges.largest(index))).isTrue();
            assertThat(ranges.contains(ranges.smallest(index))).isTrue();
            assertThat(ranges.contains(ranges.largest(index) + 1)).isFalse();
            assertThat(ranges.contains(ranges.smallest(index) - 1)).isFalse();
        }
    }

    private static void assertDecodesOrFails(ByteBuffer payload, Role sender) {
        List<Frame> frames;
        try {
            frames = decode(payload, sender);
        } catch (TransportException e) {
            assertThat(e.code())
                    .isIn(TransportError.FRAME_ENCODING_ERROR.code(), TransportError.PROTOCOL_VIOLATION.code());
            assertThat(e).hasMessageContaining("expected");
            return;
        }
        // What could be read can be written, and is then read as the same.
        try {
            assertThat(decode(encode(frames), sender)).isEqualTo(frames);
        } catch (TransportException e) {
            throw new AssertionError(frames.toString(), e);
        }
    }

    @Provide
    Arbitrary<Frame> frames() {
        return Frames.any();
    }

    @Provide
    Arbitrary<List<Frame>> frameLists() {
        return Frames.any().list().ofMinSize(1).ofMaxSize(8);
    }

    @Provide
    Arbitrary<AckRanges> ranges() {
        return Frames.ranges();
    }

    /** A type that exists, and then whatever; or nothing that makes sense from the beginning. */
    @Provide
    Arbitrary<byte[]> payloads() {
        var types = Arbitraries.of(FrameType.class).map(FrameType::code);
        var bits = Arbitraries.of(0L, 1L, 2L, 7L);
        var small = Arbitraries.bytes().between((byte) 0, (byte) 5);
        var rest = Arbitraries.oneOf(Arbitraries.bytes(), small)
                .array(byte[].class)
                .ofMaxSize(60);
        var opened = Combinators.combine(types, bits, rest).as((type, bit, bytes) -> {
            var payload = ByteBuffer.allocate(VarInt.size(type | bit) + bytes.length);
            VarInt.write(type | bit, payload);
            return payload.put(bytes).array();
        });
        return Arbitraries.oneOf(opened, rest);
    }
}
