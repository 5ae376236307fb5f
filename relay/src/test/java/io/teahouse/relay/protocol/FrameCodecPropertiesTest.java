package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every frame and for every byte string. */
class FrameCodecPropertiesTest {

    @Property
    void whatAClientEncodesARelayDecodes(
            @ForAll("framesFromClient") RelayFrame.FromClient frame, @ForAll ProtocolVersion version) throws Exception {
        byte[] message = FrameCodec.encode(frame);

        assertThat(message).hasSizeLessThanOrEqualTo(FrameLayout.MAX_MESSAGE_TO_SEND);
        assertThat(FrameCodec.decodeFromClient(ByteBuffer.wrap(message), version))
                .isEqualTo(frame);
    }

    @Property
    void whatARelayOfVersionOneEncodesAClientDecodes(@ForAll("framesFromRelayV1") RelayFrame.FromRelay frame)
            throws Exception {
        byte[] message = FrameCodec.encode(frame);

        assertThat(message).hasSizeLessThanOrEqualTo(FrameLayout.MAX_MESSAGE_TO_SEND);
        assertThat(FrameCodec.decodeFromRelay(ByteBuffer.wrap(message), ProtocolVersion.V1))
                .isEqualTo(frame);
    }

    @Property
    void whatARelayOfVersionTwoEncodesAClientDecodes(@ForAll("framesFromRelayV2") RelayFrame.FromRelay frame)
            throws Exception {
        byte[] message = FrameCodec.encode(frame);

        assertThat(message).hasSizeLessThanOrEqualTo(FrameLayout.MAX_MESSAGE_TO_SEND);
        assertThat(FrameCodec.decodeFromRelay(ByteBuffer.wrap(message), ProtocolVersion.V2))
                .isEqualTo(frame);
    }

    @Property
    void theLengthOfTheTypeDoesNotMatter(
            @ForAll("framesFromClient") RelayFrame.FromClient frame, @ForAll("varIntLengths") int length)
            throws Exception {
        byte[] message = FrameCodec.encode(frame);
        byte[] payload = Arrays.copyOfRange(message, 1, message.length);

        assertThat(FrameCodec.decodeFromClient(
                        ByteBuffer.wrap(RelayFrames.opened(message[0], length, payload)), ProtocolVersion.V2))
                .isEqualTo(frame);
    }

    @Property(tries = 5000)
    void anyBytesAreAFrameOrABreachOfTheProtocol(@ForAll("messages") byte[] message, @ForAll ProtocolVersion version) {
        decodeFromClient(ByteBuffer.wrap(message), version).ifPresent(frame -> {
            if (maySend(frame)) {
                assertThat(decodeFromClient(ByteBuffer.wrap(FrameCodec.encode(frame)), version))
                        .contains(frame);
            }
        });
        decodeFromRelay(ByteBuffer.wrap(message), version).ifPresent(frame -> {
            if (maySend(frame)) {
                assertThat(decodeFromRelay(ByteBuffer.wrap(FrameCodec.encode(frame)), version))
                        .contains(frame);
            }
        });
    }

    @Property
    void whatKindOfBufferHoldsAMessageDoesNotMatterAndItsPositionStays(
            @ForAll("messages") byte[] message, @ForAll ProtocolVersion version) {
        var amidOthers = ByteBuffer.allocateDirect(message.length + 7).order(ByteOrder.LITTLE_ENDIAN);
        amidOthers.put(3, message).position(3).limit(3 + message.length);
        var plain = ByteBuffer.wrap(message);

        assertThat(decodeFromClient(amidOthers, version)).isEqualTo(decodeFromClient(plain, version));
        assertThat(decodeFromRelay(amidOthers, version)).isEqualTo(decodeFromRelay(plain, version));
        assertThat(amidOthers.position()).isEqualTo(3);
        assertThat(amidOthers.limit()).isEqualTo(3 + message.length);
        assertThat(amidOthers.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    @Property
    void noBytesMoreThanAMessageMayHaveAreAccepted(
            @ForAll("varIntLengths") int length, @ForAll ProtocolVersion version) {
        for (long code = 0; code < 14; code++) {
            var tooLarge = RelayFrames.opened(code, length, new byte[FrameLayout.MAX_PAYLOAD + 1]);

            assertThat(decodeFromClient(ByteBuffer.wrap(tooLarge), version)).isEmpty();
            assertThat(decodeFromRelay(ByteBuffer.wrap(tooLarge), version)).isEmpty();
        }
    }

    @Property
    void nobodyEncodesContentsThatCannotBeDelivered(@ForAll("undeliverable") Datagrams datagrams) {
        var endpointId = Vectors.endpointId("00".repeat(32));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCodec.encode(new SendDatagrams(endpointId, datagrams)))
                .withMessageMatching("contents: \\d+ bytes \\(expected: 1 to 6550[02]\\)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCodec.encode(new ReceivedDatagrams(endpointId, datagrams)));
    }

    @Provide
    Arbitrary<RelayFrame.FromClient> framesFromClient() {
        return RelayFrames.fromClient();
    }

    @Provide
    Arbitrary<RelayFrame.FromRelay> framesFromRelayV1() {
        return RelayFrames.fromRelay(ProtocolVersion.V1);
    }

    @Provide
    Arbitrary<RelayFrame.FromRelay> framesFromRelayV2() {
        return RelayFrames.fromRelay(ProtocolVersion.V2);
    }

    @Provide
    Arbitrary<byte[]> messages() {
        return RelayFrames.messages();
    }

    @Provide
    Arbitrary<Integer> varIntLengths() {
        return Arbitraries.of(1, 2, 4, 8);
    }

    @Provide
    Arbitrary<Datagrams> undeliverable() {
        return Arbitraries.of(
                new Datagrams(0, 0, ByteBuffer.allocate(0)),
                new Datagrams(0, 5, ByteBuffer.allocate(0)),
                new Datagrams(0, 0, ByteBuffer.allocate(65_503)),
                new Datagrams(0, 1200, ByteBuffer.allocate(65_501)));
    }

    private static boolean maySend(RelayFrame frame) {
        return switch (frame) {
            case SendDatagrams send -> send.datagrams().isDeliverable();
            case ReceivedDatagrams received -> received.datagrams().isDeliverable();
            default -> true;
        };
    }

    private static Optional<RelayFrame.FromClient> decodeFromClient(ByteBuffer message, ProtocolVersion version) {
        try {
            return Optional.of(FrameCodec.decodeFromClient(message, version));
        } catch (RelayProtocolException e) {
            assertThat(e).hasMessageContaining("expected").hasNoCause();
            return Optional.empty();
        }
    }

    private static Optional<RelayFrame.FromRelay> decodeFromRelay(ByteBuffer message, ProtocolVersion version) {
        try {
            return Optional.of(FrameCodec.decodeFromRelay(message, version));
        } catch (RelayProtocolException e) {
            assertThat(e).hasMessageContaining("expected").hasNoCause();
            return Optional.empty();
        }
    }
}
