package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import io.teahouse.relay.protocol.RelayFrame.EndpointGone;
import io.teahouse.relay.protocol.RelayFrame.Health;
import io.teahouse.relay.protocol.RelayFrame.Ping;
import io.teahouse.relay.protocol.RelayFrame.Pong;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.Restarting;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import io.teahouse.relay.protocol.RelayFrame.Status;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** These bytes are this value, both ways: the section {@code frames} of the vectors. */
class FrameVectorsTest {

    @ParameterizedTest
    @MethodSource("frames")
    void encodesToTheBytesOfTheVector(JsonObject vector) {
        assertThat(Vectors.hex(FrameCodec.encode(value(vector)))).isEqualTo(Vectors.string(vector, "message_hex"));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void decodesToTheValueOfTheVectorInEachVersionThatHasTheFrame(JsonObject vector) throws Exception {
        var message = Vectors.message(vector);
        String direction = Vectors.string(vector, "direction");
        for (var name : vector.getAsJsonArray("versions")) {
            var version = Vectors.version(name.getAsString());
            if (!direction.equals("relay_to_client")) {
                assertThat(FrameCodec.decodeFromClient(message, version)).isEqualTo(value(vector));
            }
            if (!direction.equals("client_to_relay")) {
                assertThat(FrameCodec.decodeFromRelay(message, version)).isEqualTo(value(vector));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void isRefusedInAVersionThatDoesNotHaveTheFrame(JsonObject vector) {
        var versions = vector.getAsJsonArray("versions").asList().stream()
                .map(name -> Vectors.version(name.getAsString()))
                .toList();
        for (var version : ProtocolVersion.values()) {
            if (!versions.contains(version)) {
                assertThatExceptionOfType(RelayProtocolException.class)
                        .isThrownBy(() -> FrameCodec.decodeFromRelay(Vectors.message(vector), version));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void isRefusedFromTheSideThatDoesNotSendTheFrame(JsonObject vector) {
        var message = Vectors.message(vector);
        String direction = Vectors.string(vector, "direction");
        for (var version : ProtocolVersion.values()) {
            if (direction.equals("relay_to_client")) {
                assertThatExceptionOfType(RelayProtocolException.class)
                        .isThrownBy(() -> FrameCodec.decodeFromClient(message, version))
                        .matches(e -> !e.isUnknownType());
            } else if (direction.equals("client_to_relay")) {
                assertThatExceptionOfType(RelayProtocolException.class)
                        .isThrownBy(() -> FrameCodec.decodeFromRelay(message, version))
                        .matches(e -> !e.isUnknownType());
            }
        }
    }

    @Test
    void theVectorsHoldEachTypeOfTheEstablishedPhase() {
        assertThat(frames().stream().map(one -> value(one.getPayload()).type()).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.range(FrameType.CLIENT_TO_RELAY_DATAGRAM, FrameType.STATUS));
    }

    @Test
    void theWordsForVersionOneAreTheReferences() {
        assertThat(frames().stream().map(one -> value(one.getPayload())))
                .contains(new Health(Health.HEALTHY), new Health(Health.SAME_ENDPOINT_ID_CONNECTED));
    }

    static List<Named<JsonObject>> frames() {
        return Vectors.frames();
    }

    private static RelayFrame value(JsonObject vector) {
        var fields = vector.getAsJsonObject("fields");
        String name = Vectors.string(vector, "name");
        return switch (name.split("_", -1)[0]) {
            case "ping" -> new Ping(opaque(fields));
            case "pong" -> new Pong(opaque(fields));
            case "client" -> new SendDatagrams(Vectors.endpointId(Vectors.string(fields, "dst")), datagrams(fields));
            case "relay" -> new ReceivedDatagrams(Vectors.endpointId(Vectors.string(fields, "src")), datagrams(fields));
            case "endpoint" -> new EndpointGone(Vectors.endpointId(Vectors.string(fields, "endpoint")));
            case "health" -> new Health(Vectors.string(fields, "problem"));
            case "restarting" ->
                new Restarting(
                        fields.get("reconnect_in_ms").getAsLong(),
                        fields.get("try_for_ms").getAsLong());
            case "status" -> new Status(fields.get("status").getAsInt());
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static long opaque(JsonObject fields) {
        return Long.parseUnsignedLong(Vectors.string(fields, "data"), 16);
    }

    private static Datagrams datagrams(JsonObject fields) {
        int segmentSize =
                fields.has("segment_size") ? fields.get("segment_size").getAsInt() : 0;
        return new Datagrams(
                fields.get("ecn").getAsInt(), segmentSize, ByteBuffer.wrap(Vectors.bytes(fields, "contents")));
    }
}
