package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.teahouse.core.SecretKey;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The relay's side judges each answer to its challenge as the reference relay was seen to. */
class ServerHandshakeVerdictsTest {
    private static final SecretKey KEY = Vectors.secretKey("2a".repeat(32));
    private static final SecretKey OTHER_KEY = Vectors.secretKey("01".repeat(32));
    private static final byte[] CHALLENGE = Vectors.hex("0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    private static final BigInteger GROUP_ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    @ParameterizedTest
    @MethodSource("answers")
    void judgesAnAnswerAsTheReferenceDoes(JsonObject observed) {
        var server = new ServerHandshake(CHALLENGE);
        server.start(Optional.empty(), KeyMaterialExporter.NONE);

        var step = server.handleMessage(ByteBuffer.wrap(spelledOut(Vectors.string(observed, "client_sends"))));

        assertThat(verdict(step)).isEqualTo(Vectors.string(observed, "server_verdict"));
    }

    @Test
    void onlyWhatIsNotOneBinaryMessageIsLeftToTheWebSocket() {
        var judged = answers().stream().map(Named::getName).toList();

        assertThat(observed().stream().map(Named::getName))
                .filteredOn(name -> !judged.contains(name))
                .containsExactly("text message first, then good", "fragmented good", "ws close");
    }

    static List<Named<JsonObject>> answers() {
        return observed().stream()
                .filter(one -> isOneBinaryMessage(Vectors.string(one.getPayload(), "client_sends")))
                .toList();
    }

    private static List<Named<JsonObject>> observed() {
        return Vectors.cases(Vectors.section("server_handshake_verdicts").get("cases"));
    }

    private static boolean isOneBinaryMessage(String clientSends) {
        return !clientSends.startsWith("text") && !clientSends.startsWith("close") && !clientSends.contains("fin=0");
    }

    private static String verdict(ServerHandshake.Step step) {
        return switch (step) {
            case ServerHandshake.Step.Authenticated(var endpointId, var method) -> {
                assertThat(endpointId).isEqualTo(KEY.endpointId());
                assertThat(method).isEqualTo(ServerHandshake.Method.CHALLENGE);
                yield "message %s, stays open".formatted(Vectors.hex(ServerHandshake.confirm()));
            }
            case ServerHandshake.Step.Deny deny ->
                "message %s, then closed without close frame".formatted(Vectors.hex(deny.message()));
            case ServerHandshake.Step.Fail _ -> "closed without any message";
            case ServerHandshake.Step.SendChallenge _ -> "a second challenge";
        };
    }

    /** Turns the shorthand of the vectors into bytes: hex, {@code hex*n} (last byte n times), and the words below. */
    private static byte[] spelledOut(String clientSends) {
        byte[] signature = KEY.sign(ChallengeDigest.of(CHALLENGE)).toBytes();
        var message = new ByteArrayOutputStream();
        var words = clientSends.replace("sign(challenge)", "SIGNED_RAW").replaceAll("[(),]", "");
        for (String word : words.split(" ", -1)) {
            message.writeBytes(
                    switch (word) {
                        case "PUB" -> KEY.endpointId().toBytes();
                        case "OTHERPUB" -> OTHER_KEY.endpointId().toBytes();
                        case "SIG" -> signature;
                        case "SIG[0..60]" -> Arrays.copyOf(signature, 60);
                        case "SIGNED_RAW" -> KEY.sign(CHALLENGE).toBytes();
                        case "R" -> Arrays.copyOf(signature, 32);
                        case "S+L" -> notReduced(Arrays.copyOfRange(signature, 32, 64));
                        default -> repeated(word);
                    });
        }
        return message.toByteArray();
    }

    private static byte[] repeated(String word) {
        int star = word.indexOf('*');
        if (star < 0) {
            return Vectors.hex(word);
        }
        int count = Integer.parseInt(word.substring(star + 1));
        return Vectors.hex(
                word.substring(0, star - 2) + word.substring(star - 2, star).repeat(count));
    }

    private static byte[] notReduced(byte[] littleEndian) {
        byte[] sum = reversed(
                new BigInteger(1, reversed(littleEndian)).add(GROUP_ORDER).toByteArray());
        return Arrays.copyOf(sum, 32);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }
}
