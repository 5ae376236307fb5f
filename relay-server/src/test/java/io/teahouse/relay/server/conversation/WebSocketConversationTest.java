package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps and breaks the rules of WebSocket frames (iroh relay spec, section 2.3; RFC 6455, section 5). */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketConversationTest {
    private static final int PROTOCOL_ERROR = 1002;
    private static final int TOO_BIG = 1009;
    private static final byte[] PING = FrameCodec.encode(new RelayFrame.Ping(77));

    private final RelayServer relay;

    WebSocketConversationTest() throws IOException {
        relay = RelayServer.builder().start();
    }

    @AfterAll
    void stop() {
        relay.close();
    }

    private ScriptedClient admitted() throws IOException {
        return ScriptedClient.admitted(relay, ScriptedClient.newKey());
    }

    static Stream<Arguments> faults() {
        int continuation = WebSocketFrame.CONTINUATION;
        int binary = WebSocketFrame.BINARY;
        return Stream.of(
                fault("a frame that is not masked", WebSocketFrame.unmasked(binary, PING), PROTOCOL_ERROR),
                fault("the first reserved bit", firstByte(0xC2), PROTOCOL_ERROR),
                fault("the second reserved bit", firstByte(0xA2), PROTOCOL_ERROR),
                fault("the third reserved bit", firstByte(0x92), PROTOCOL_ERROR),
                fault("opcode 3", firstByte(0x83), PROTOCOL_ERROR),
                fault("opcode 7", firstByte(0x87), PROTOCOL_ERROR),
                fault("opcode 11", firstByte(0x8B), PROTOCOL_ERROR),
                fault("opcode 15", firstByte(0x8F), PROTOCOL_ERROR),
                fault("a continuation of nothing", WebSocketFrame.masked(continuation, PING), PROTOCOL_ERROR),
                fault("the end of nothing", WebSocketFrame.masked(false, continuation, PING), PROTOCOL_ERROR),
                fault(
                        "a message within another",
                        Bytes.join(
                                WebSocketFrame.masked(false, binary, new byte[] {9}),
                                WebSocketFrame.masked(binary, PING)),
                        PROTOCOL_ERROR),
                fault("a length of 9 in two bytes", hex("82fe0009 00000000 090102030405060708"), PROTOCOL_ERROR),
                fault(
                        "a length of 9 in eight bytes",
                        hex("82ff0000000000000009 00000000 090102030405060708"),
                        PROTOCOL_ERROR),
                fault("a negative length", WebSocketFrame.maskedHeader(0x82, -1), PROTOCOL_ERROR),
                fault(
                        "the smallest negative length",
                        WebSocketFrame.maskedHeader(0x82, Long.MIN_VALUE),
                        PROTOCOL_ERROR),
                fault("a ping of 126 bytes", WebSocketFrame.masked(WebSocketFrame.PING, new byte[126]), PROTOCOL_ERROR),
                fault(
                        "a ping in parts",
                        WebSocketFrame.masked(false, WebSocketFrame.PING, new byte[2]),
                        PROTOCOL_ERROR),
                fault("a close of one byte", WebSocketFrame.masked(WebSocketFrame.CLOSE, new byte[1]), PROTOCOL_ERROR),
                // Only headers: the relay does not wait for what they announce.
                fault("the promise of a message too big", WebSocketFrame.maskedHeader(0x82, 65_545), TOO_BIG),
                fault("the promise of the largest", WebSocketFrame.maskedHeader(0x82, Long.MAX_VALUE), TOO_BIG),
                fault("the promise of a part too big", WebSocketFrame.maskedHeader(0x02, 1 << 20), TOO_BIG),
                fault(
                        "parts that are too big together",
                        Bytes.join(
                                WebSocketFrame.masked(false, binary, new byte[40_000]),
                                WebSocketFrame.maskedHeader(0x80, 25_545)),
                        TOO_BIG),
                fault("the promise of a text too big", WebSocketFrame.maskedHeader(0x81, (1 << 20) + 1), TOO_BIG),
                fault("a text cut within a character", text(true, "caf\u00e9", 4), 1007),
                fault("a text with a surrogate", WebSocketFrame.masked(1, hex("eda080")), 1007));
    }

    private static Arguments fault(String name, byte[] bytes, int code) {
        return Arguments.of(Named.of(name, bytes), code);
    }

    private static byte[] firstByte(int first) {
        var frame = WebSocketFrame.masked(WebSocketFrame.BINARY, PING);
        frame[0] = (byte) first;
        return frame;
    }

    private static byte[] text(boolean fin, String text, int length) {
        return WebSocketFrame.masked(
                fin, WebSocketFrame.TEXT, Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), length));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whoBreaksTheRulesIsClosedWithTheCodeForIt(byte[] bytes, int code) throws IOException {
        try (var client = admitted()) {
            client.wire().write(bytes);

            client.expectClosed(code);
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whoBreaksThemBeforeItIsAdmittedIsClosedLikewise(byte[] bytes, int code) throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2);
            assertThat(client.nextMessage()).hasSize(17);

            client.wire().write(bytes);

            client.expectClosed(code);
        }
    }

    @Test
    void whatCameBeforeTheFaultHasItsEffect() throws IOException {
        try (var client = admitted()) {
            client.wire().write(Bytes.join(WebSocketFrame.masked(WebSocketFrame.BINARY, PING), firstByte(0xC2)));

            client.expect(new RelayFrame.Pong(77));
            client.expectClosed(PROTOCOL_ERROR);
        }
    }

    @Test
    void whatComesBehindTheFaultHasNone() throws IOException {
        var peerKey = ScriptedClient.newKey();
        try (var client = admitted();
                var peer = ScriptedClient.admitted(relay, peerKey)) {
            client.wire()
                    .write(Bytes.join(
                            firstByte(0xC2),
                            WebSocketFrame.masked(
                                    WebSocketFrame.BINARY,
                                    ScriptedClient.datagram(peerKey.endpointId(), new byte[] {1}))));

            client.expectClosed(PROTOCOL_ERROR);
            peer.expectQuietAndAlive();
        }
    }

    @Test
    void pingsAreAnsweredWithTheirPayloadAndPongsAreIgnored() throws IOException {
        try (var client = admitted()) {
            for (int length : new int[] {0, 1, 124, 125}) {
                client.sendFrame(WebSocketFrame.PONG, new byte[length]);
                client.sendFrame(WebSocketFrame.PING, Bytes.numbered(7, Math.max(4, length)));

                assertThat(client.nextFrame())
                        .hasToString("frame 10: "
                                + (length > 80
                                        ? length + " bytes"
                                        : HexFormat.of().formatHex(Bytes.numbered(7, Math.max(4, length)))));
            }
        }
    }

    @Test
    void controlFramesBetweenTheFragmentsOfAMessageAreAnsweredAtOnce() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = ScriptedClient.admitted(relay, key)) {
            var message = ScriptedClient.datagram(key.endpointId(), "in three parts".getBytes(StandardCharsets.UTF_8));
            client.wire().write(WebSocketFrame.masked(false, WebSocketFrame.BINARY, Arrays.copyOf(message, 20)));
            client.sendFrame(WebSocketFrame.PING, new byte[] {1});
            assertThat(client.nextFrame()).hasToString("frame 10: 01");
            client.wire()
                    .write(WebSocketFrame.masked(
                            false, WebSocketFrame.CONTINUATION, Arrays.copyOfRange(message, 20, 35)));
            client.sendFrame(WebSocketFrame.PONG, new byte[] {1});
            client.wire()
                    .write(WebSocketFrame.masked(
                            true, WebSocketFrame.CONTINUATION, Arrays.copyOfRange(message, 35, message.length)));

            client.expectDatagram(key.endpointId(), "in three parts");
        }
    }

    @Test
    void aMessageMayComeInManyEmptyAndTinyParts() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = ScriptedClient.admitted(relay, key)) {
            var message = ScriptedClient.datagram(key.endpointId(), "crumbs".getBytes(StandardCharsets.UTF_8));
            client.wire().write(WebSocketFrame.masked(false, WebSocketFrame.BINARY, new byte[0]));
            for (byte b : message) {
                client.wire()
                        .write(Bytes.join(
                                WebSocketFrame.masked(false, WebSocketFrame.CONTINUATION, new byte[] {b}),
                                WebSocketFrame.masked(false, WebSocketFrame.CONTINUATION, new byte[0])));
            }
            client.wire().write(WebSocketFrame.masked(true, WebSocketFrame.CONTINUATION, new byte[0]));

            client.expectDatagram(key.endpointId(), "crumbs");
        }
    }

    @Test
    void textIsSkippedHoweverItIsCut() throws IOException {
        try (var client = admitted()) {
            client.wire().write(WebSocketFrame.masked(WebSocketFrame.TEXT, new byte[0]));
            client.wire().write(WebSocketFrame.masked(WebSocketFrame.TEXT, new byte[70_000]));
            client.wire().write(text(false, "caf\u00e9 noir", 4));
            client.sendFrame(WebSocketFrame.PING, new byte[] {2});
            client.wire()
                    .write(WebSocketFrame.masked(true, WebSocketFrame.CONTINUATION, new byte[] {(byte) 0xA9, ' '}));

            assertThat(client.nextFrame()).hasToString("frame 10: 02");
            client.expectQuietAndAlive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "03e8", "03e9 676f6f64627965", "0fa0"})
    void aCloseFrameIsAnsweredWithItsCodeAndTheEnd(String payload) throws IOException {
        try (var client = admitted()) {
            client.sendFrame(WebSocketFrame.CLOSE, hex(payload));

            assertThat(client.readToEnd())
                    .singleElement()
                    .hasToString("frame 8: " + hexOf(Arrays.copyOf(hex(payload), payload.isEmpty() ? 0 : 2)));
        }
    }

    private static String hexOf(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void nothingBehindACloseFrameIsRead() throws IOException {
        try (var client = admitted()) {
            client.wire()
                    .write(Bytes.join(
                            WebSocketFrame.masked(WebSocketFrame.CLOSE, hex("03e8")),
                            WebSocketFrame.masked(WebSocketFrame.BINARY, PING)));

            client.expectClosed(1000);
        }
    }

    @Test
    void aClientThatClosesItsHalfIsClosed() throws IOException {
        try (var client = admitted()) {
            client.wire().closeOutput();

            assertThat(client.readToEnd()).isEmpty();
        }
    }
}
