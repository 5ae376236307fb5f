package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tells the relay what the reference was told, and sees it do the same, in both versions of the protocol. Where the
 * reference closes without a word, ours says why in one close frame, and nothing else.
 */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerdictConversationTest {
    private static final String CLOSED = "closed without close frame";
    private static final BigInteger GROUP_ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private final RelayServer relay;

    VerdictConversationTest() throws IOException {
        relay = RelayServer.builder().start();
    }

    @AfterAll
    void stop() {
        relay.close();
    }

    private static Stream<Arguments> inBothVersions(String section) {
        return RelayVectors.cases(section).stream()
                .flatMap(one -> Stream.of(ProtocolVersion.values())
                        .map(version -> Arguments.of(Named.of(RelayVectors.string(one, "name"), one), version)));
    }

    static Stream<Arguments> inputVerdicts() {
        return inBothVersions("server_input_verdicts");
    }

    static Stream<Arguments> handshakeVerdicts() {
        return inBothVersions("server_handshake_verdicts");
    }

    @ParameterizedTest
    @MethodSource("inputVerdicts")
    void admittedClientsAreJudgedAsByTheReference(JsonObject one, ProtocolVersion version) throws IOException {
        int opcode = switch (RelayVectors.string(one, "ws_opcode")) {
            case "binary" -> WebSocketFrame.BINARY;
            case "text" -> WebSocketFrame.TEXT;
            case "ws_ping" -> WebSocketFrame.PING;
            default -> throw new AssertionError(one.toString());
        };
        var message = RelayVectors.message(one, "message");
        try (var client = ScriptedClient.admitted(relay, ScriptedClient.newKey(), version)) {

            client.sendFrame(opcode, message);

            var verdict = RelayVectors.string(one, "server_verdict");
            switch (verdict) {
                case CLOSED -> client.expectClosed(1002, 1007, 1009);
                case "no reply, stays open" -> client.expectQuietAndAlive();
                case "ws reply op 10" -> {
                    assertThat(client.nextFrame())
                            .hasToString("frame 10: " + HexFormat.of().formatHex(message));
                    client.expectQuietAndAlive();
                }
                default -> {
                    assertThat(verdict).startsWith("reply ");
                    assertThat(client.nextMessage()).isEqualTo(RelayVectors.hex(verdict.substring(6)));
                    client.expectQuietAndAlive();
                }
            }
        }
    }

    // One after another: they all have the key of the vectors, and would displace each other.
    @Execution(ExecutionMode.SAME_THREAD)
    @ParameterizedTest
    @MethodSource("handshakeVerdicts")
    void proofsAreJudgedAsByTheReference(JsonObject one, ProtocolVersion version) throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            client.upgrade(version);
            var challenge = client.nextMessage();

            sendProof(client, RelayVectors.string(one, "client_sends"), challenge);

            var verdict = RelayVectors.string(one, "server_verdict");
            switch (verdict) {
                case "message 02, stays open" -> {
                    assertThat(client.nextMessage()).containsExactly(2);
                    client.expectQuietAndAlive();
                }
                case "closed without any message" -> client.expectClosed(1000, 1002);
                default -> {
                    assertThat(verdict).startsWith("message ").endsWith(", then " + CLOSED);
                    var denial = verdict.substring("message ".length(), verdict.indexOf(','));
                    assertThat(client.nextMessage()).isEqualTo(RelayVectors.hex(denial));
                    client.expectClosed(1008);
                }
            }
        }
    }

    /** Sends what a vector describes. */
    private static void sendProof(ScriptedClient client, String what, byte[] challengeMessage) throws IOException {
        var key = RelayVectors.keyOf(0x2A);
        byte[] auth = ScriptedClient.authFor(key, challengeMessage);
        byte[] publicKey = Arrays.copyOfRange(auth, 1, 33);
        byte[] signature = Arrays.copyOfRange(auth, 34, 98);
        byte[] head = Bytes.join(new byte[] {1}, publicKey);
        byte[] length = {0x40};
        switch (what) {
            case "01 PUB 40 SIG" -> client.sendBinary(auth);
            case "01 PUB 40 SIG 6a756e6b" -> client.sendBinary(Bytes.join(auth, RelayVectors.hex("6a756e6b")));
            case "4001 PUB 40 SIG" -> client.sendBinary(Bytes.join(new byte[] {0x40}, auth));
            case "01 PUB c000 SIG" -> client.sendBinary(Bytes.join(head, RelayVectors.hex("c000"), signature));
            case "01 PUB 40 00*64" -> client.sendBinary(Bytes.join(head, length, new byte[64]));
            case "01 PUB 40 sign(challenge)" ->
                client.sendBinary(Bytes.join(
                        head,
                        length,
                        key.sign(Arrays.copyOfRange(challengeMessage, 1, 17)).toBytes()));
            case "01 OTHERPUB 40 SIG" ->
                client.sendBinary(
                        Bytes.join(new byte[] {1}, id(RelayVectors.keyOf(0x2B)).toBytes(), length, signature));
            case "01 00*32 40 SIG" -> client.sendBinary(Bytes.join(new byte[] {1}, new byte[32], length, signature));
            case "01 0100*31 40 (0100*31 00*32)" -> {
                var identity = new byte[32];
                identity[0] = 1;
                client.sendBinary(Bytes.join(new byte[] {1}, identity, length, identity, new byte[32]));
            }
            case "01 PUB 40 (R, S+L)" -> client.sendBinary(Bytes.join(head, length, plusGroupOrder(signature)));
            case "01 PUB 40 SIG[0..60]" -> client.sendBinary(Arrays.copyOf(auth, auth.length - 4));
            case "01 PUB 3f SIG" -> client.sendBinary(Bytes.join(head, new byte[] {0x3F}, signature));
            case "01 02 00*31 40 SIG" ->
                client.sendBinary(Bytes.join(new byte[] {1, 2}, new byte[31], length, signature));
            case "09 41*8" -> client.sendBinary(RelayVectors.hex("09" + "41".repeat(8)));
            case "04 PUB 00 6869" ->
                client.sendBinary(Bytes.join(new byte[] {4}, publicKey, RelayVectors.hex("006869")));
            case "3f" -> client.sendBinary(new byte[] {0x3F});
            case "" -> client.sendBinary(new byte[0]);
            case "text 'hello'; then 01 PUB 40 SIG" -> {
                client.sendFrame(WebSocketFrame.TEXT, RelayVectors.hex("68656c6c6f"));
                client.sendBinary(auth);
            }
            case "01 PUB (fin=0) + 40 SIG (continuation)" -> {
                client.wire().write(WebSocketFrame.masked(false, WebSocketFrame.BINARY, head));
                client.wire()
                        .write(WebSocketFrame.masked(true, WebSocketFrame.CONTINUATION, Bytes.join(length, signature)));
            }
            case "close 1000" -> client.sendFrame(WebSocketFrame.CLOSE, new byte[] {3, (byte) 0xE8});
            default -> throw new AssertionError("a vector that this test does not know: " + what);
        }
    }

    private static EndpointId id(SecretKey key) {
        return key.endpointId();
    }

    /** The same S modulo the group order, in a form that a strict verifier refuses. */
    private static byte[] plusGroupOrder(byte[] signature) {
        var s = new byte[32];
        for (int i = 0; i < 32; i++) {
            s[i] = signature[63 - i];
        }
        byte[] sum = new BigInteger(1, s).add(GROUP_ORDER).toByteArray();
        var changed = signature.clone();
        for (int i = 0; i < 32; i++) {
            int from = sum.length - 1 - i;
            changed[32 + i] = from < 0 ? 0 : sum[from];
        }
        return changed;
    }
}
