package io.teahouse.relay.protocol;

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
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Makes frames, and bytes that look like frames, for property tests. */
final class RelayFrames {
    /** Ordinary keys, and points that are keys only by the letter: all zero, y above p, x = 0 with the sign bit. */
    private static final List<EndpointId> ENDPOINT_IDS = List.of(
            Vectors.endpointId("197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61"),
            Vectors.endpointId("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"),
            Vectors.endpointId("00".repeat(32)),
            Vectors.endpointId("ed" + "ff".repeat(30) + "7f"),
            Vectors.endpointId("01" + "00".repeat(30) + "80"));

    private static final long MILLIS_MAX = 0xffff_ffffL;

    private RelayFrames() {}

    static Arbitrary<RelayFrame.FromClient> fromClient() {
        return Arbitraries.oneOf(
                Combinators.combine(endpointIds(), datagrams()).as(SendDatagrams::new),
                Arbitraries.longs().map(Ping::new),
                Arbitraries.longs().map(Pong::new));
    }

    static Arbitrary<RelayFrame.FromRelay> fromRelay(ProtocolVersion version) {
        var ofVersion = switch (version) {
            case V1 -> Arbitraries.strings().ofMaxLength(200).map(RelayFrames::health);
            case V2 -> Arbitraries.integers().between(0, 255).map(RelayFrames::status);
        };
        return Arbitraries.oneOf(
                ofVersion,
                Combinators.combine(endpointIds(), datagrams()).as(ReceivedDatagrams::new),
                endpointIds().map(EndpointGone::new),
                Arbitraries.longs().map(Ping::new),
                Arbitraries.longs().map(Pong::new),
                Combinators.combine(millis(), millis()).as(Restarting::new));
    }

    /** Datagrams that may be sent, the largest ones now and then. */
    static Arbitrary<Datagrams> datagrams() {
        var segmentSizes = Arbitraries.integers().between(0, 65_535).edgeCases(edges -> edges.add(0, 1, 65_535));
        return Combinators.combine(ecns(), segmentSizes).flatAs((ecn, segmentSize) -> {
            int lengthMax = segmentSize == 0 ? FrameLayout.MAX_DATAGRAM_CONTENTS : FrameLayout.MAX_BATCH_CONTENTS;
            var small = Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(100);
            var largest = Arbitraries.bytes().map(fill -> filled(lengthMax, fill));
            return Arbitraries.frequencyOf(Tuple.of(19, small), Tuple.of(1, largest))
                    .map(contents -> new Datagrams(ecn, segmentSize, ByteBuffer.wrap(contents)));
        });
    }

    /** Any bytes, most of them opened by a type that exists, in any of its forms. */
    static Arbitrary<byte[]> messages() {
        var bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(120);
        var codes = Arbitraries.longs().between(0, 16);
        var lengths = Arbitraries.of(1, 2, 4, 8);
        var opened = Combinators.combine(codes, lengths, bytes).as(RelayFrames::opened);
        var addressed = Combinators.combine(codes, lengths, endpointIds(), bytes)
                .as((code, length, endpointId, rest) -> opened(code, length, joined(endpointId.toBytes(), rest)));
        return Arbitraries.oneOf(bytes, opened, addressed);
    }

    static Arbitrary<EndpointId> endpointIds() {
        return Arbitraries.of(ENDPOINT_IDS);
    }

    /** A message with its type as a varint of 1, 2, 4 or 8 bytes. */
    static byte[] opened(long code, int varIntLength, byte[] payload) {
        byte[] type = new byte[varIntLength];
        type[varIntLength - 1] = (byte) code;
        type[0] |= (byte) (Integer.numberOfTrailingZeros(varIntLength) << 6);
        return joined(type, payload);
    }

    static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static RelayFrame.FromRelay health(String problem) {
        return new Health(problem);
    }

    private static RelayFrame.FromRelay status(int code) {
        return new Status(code);
    }

    private static Arbitrary<Integer> ecns() {
        return Arbitraries.integers().between(0, 3);
    }

    private static Arbitrary<Long> millis() {
        return Arbitraries.longs().between(0, MILLIS_MAX);
    }

    private static byte[] filled(int length, byte fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, fill);
        return bytes;
    }
}
