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
import io.teahouse.relay.protocol.RelayFrame.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The codec takes what the reference took and refuses what it refused, in both directions. */
class InputVerdictsTest {

    @ParameterizedTest
    @MethodSource("messagesToTheRelay")
    void readsAClientAsTheReferenceRelayDoes(JsonObject observed) throws Exception {
        var message = Vectors.message(observed);
        var version = Vectors.version(Vectors.string(observed, "version"));
        String verdict = Vectors.string(observed, "server_verdict");

        if (verdict.equals("closed without close frame")) {
            assertThatExceptionOfType(RelayProtocolException.class)
                    .isThrownBy(() -> FrameCodec.decodeFromClient(message, version));
        } else if (verdict.startsWith("reply ")) {
            var ping = (Ping) FrameCodec.decodeFromClient(message, version);
            assertThat("reply " + Vectors.hex(FrameCodec.encode(new Pong(ping.payload()))))
                    .isEqualTo(verdict);
        } else {
            assertThat(verdict).isEqualTo("no reply, stays open");
            assertThat(FrameCodec.decodeFromClient(message, version)).isNotInstanceOf(Ping.class);
        }
    }

    @ParameterizedTest
    @MethodSource("messagesToTheClient")
    void readsARelayAsTheReferenceClientDoes(JsonObject observed) throws Exception {
        var message = Vectors.message(observed);
        var version = Vectors.version(Vectors.string(observed, "version"));
        String verdict = Vectors.string(observed, "verdict");

        if (verdict.equals("connection failed")) {
            assertThatExceptionOfType(RelayProtocolException.class)
                    .isThrownBy(() -> FrameCodec.decodeFromRelay(message, version));
        } else {
            assertThat(verdict).isEqualTo("accepted");
            assertThat(printedByReference(FrameCodec.decodeFromRelay(message, version)))
                    .isEqualTo(Vectors.string(observed, "reference_decoded"));
        }
    }

    @Test
    void onlyTypesThatNoVersionKnowsAreUnknown() {
        var unknown = new ArrayList<String>();
        for (var one : messagesToTheRelay()) {
            try {
                FrameCodec.decodeFromClient(Vectors.message(one.getPayload()), ProtocolVersion.V2);
            } catch (RelayProtocolException e) {
                if (e.isUnknownType()) {
                    unknown.add(one.getName());
                }
            }
        }

        assertThat(unknown).containsExactly("unknown type 14", "unknown type 63", "unknown type 2^62-1");
    }

    @Test
    void onlyWhatIsNoBinaryMessageIsLeftToTheWebSocket() {
        assertThat(names(observed("server_input_verdicts")))
                .filteredOn(name -> !names(messagesToTheRelay()).contains(name))
                .containsExactly("text message", "text message not utf-8", "ws ping");
        assertThat(names(observed("client_input_verdicts")))
                .filteredOn(name -> !names(messagesToTheClient()).contains(name))
                .containsExactly("text message", "ws close", "tcp eof", "ws 1MiB+1");
    }

    static List<Named<JsonObject>> messagesToTheRelay() {
        return observed("server_input_verdicts").stream()
                .filter(one -> Vectors.string(one.getPayload(), "ws_opcode").equals("binary"))
                .toList();
    }

    static List<Named<JsonObject>> messagesToTheClient() {
        return observed("client_input_verdicts").stream()
                .filter(one ->
                        one.getPayload().has("message_hex") || one.getPayload().has("message_prefix_hex"))
                .toList();
    }

    private static List<Named<JsonObject>> observed(String section) {
        return Vectors.cases(Vectors.section(section).get("cases"));
    }

    private static List<String> names(List<Named<JsonObject>> cases) {
        return cases.stream().map(Named::getName).toList();
    }

    /** Shows a frame in the words in which the reference's client printed it. */
    private static String printedByReference(RelayFrame.FromRelay frame) {
        return switch (frame) {
            case ReceivedDatagrams(var source, var datagrams) ->
                "Datagrams { remote_endpoint_id: PublicKey(%s), datagrams: Datagrams { ecn: %s, segment_size: %s, .. } }"
                        .formatted(
                                source,
                                List.of("None", "Some(Ect1)", "Some(Ect0)", "Some(Ce)")
                                        .get(datagrams.ecn()),
                                datagrams.isBatch() ? "Some(" + datagrams.segmentSize() + ")" : "None");
            case EndpointGone(var endpoint) -> "EndpointGone(PublicKey(%s))".formatted(endpoint);
            case Ping(long payload) -> "Ping(%s)".formatted(printedBytes(payload));
            case Pong(long payload) -> "Pong(%s)".formatted(printedBytes(payload));
            case Health(String problem) -> "Health { problem: \"%s\" }".formatted(problem);
            case Restarting(long reconnectInMillis, long tryForMillis) ->
                "Restarting { reconnect_in: %s, try_for: %s }"
                        .formatted(printedMillis(reconnectInMillis), printedMillis(tryForMillis));
            case Status(int code) ->
                switch (code) {
                    case Status.HEALTHY -> "Status(Healthy)";
                    case Status.SAME_ENDPOINT_ID_CONNECTED -> "Status(SameEndpointIdConnected)";
                    case Status.RATE_LIMITED -> "Status(RateLimited)";
                    default -> "Status(Unknown(%d))".formatted(code);
                };
        };
    }

    private static String printedBytes(long opaque) {
        var bytes = new ArrayList<Byte>();
        for (byte one : ByteBuffer.allocate(Long.BYTES).putLong(opaque).array()) {
            bytes.add(one);
        }
        return bytes.toString();
    }

    private static String printedMillis(long millis) {
        return millis == 0 ? "0ns" : millis + "ms";
    }
}
