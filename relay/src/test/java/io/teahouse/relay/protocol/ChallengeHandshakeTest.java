package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.gson.JsonObject;
import io.teahouse.core.SecretKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides of the challenge, against the section {@code challenge_handshake} of the vectors. */
class ChallengeHandshakeTest {
    private static final JsonObject VECTORS = Vectors.section("challenge_handshake");
    private static final SecretKey KEY = Vectors.secretKey(Vectors.string(VECTORS, "secret"));
    private static final byte[] CHALLENGE = Vectors.hex("000102030405060708090a0b0c0d0e0f");

    @ParameterizedTest
    @MethodSource("challenges")
    void whatIsSignedIsDerivedFromTheChallenge(JsonObject vector) {
        assertThat(Vectors.hex(ChallengeDigest.of(Vectors.bytes(vector, "challenge"))))
                .isEqualTo(Vectors.string(vector, "message_to_sign"));
    }

    @ParameterizedTest
    @MethodSource("challenges")
    void theRelaySendsTheChallengeOfTheVector(JsonObject vector) {
        var step = new ServerHandshake(Vectors.bytes(vector, "challenge"))
                .start(Optional.empty(), KeyMaterialExporter.NONE);

        assertThat(step)
                .isInstanceOfSatisfying(
                        ServerHandshake.Step.SendChallenge.class,
                        challenge -> assertThat(Vectors.hex(challenge.message()))
                                .isEqualTo(Vectors.string(vector, "server_challenge_message")));
    }

    @ParameterizedTest
    @MethodSource("challenges")
    void theClientAnswersWithTheBytesOfTheVector(JsonObject vector) {
        var step = begunClient().handleMessage(bytes(vector, "server_challenge_message"));

        assertThat(step)
                .isInstanceOfSatisfying(
                        ClientHandshake.Step.SendAuth.class,
                        auth -> assertThat(Vectors.hex(auth.message()))
                                .isEqualTo(Vectors.string(vector, "client_auth_message")));
    }

    @ParameterizedTest
    @MethodSource("challenges")
    void theRelayTakesTheAnswerOfTheVector(JsonObject vector) {
        var server = begunServer(Vectors.bytes(vector, "challenge"));

        assertThat(server.handleMessage(bytes(vector, "client_auth_message")))
                .isEqualTo(new ServerHandshake.Step.Authenticated(
                        Vectors.endpointId(Vectors.string(VECTORS, "public")), ServerHandshake.Method.CHALLENGE));
    }

    @Test
    void theRelayConfirmsWithTheBytesOfTheVector() {
        assertThat(Vectors.hex(ServerHandshake.confirm()))
                .isEqualTo(Vectors.string(VECTORS, "server_confirms_auth_message"));
    }

    @ParameterizedTest
    @MethodSource("denials")
    void theRelayDeniesWithTheBytesOfTheVector(JsonObject vector) {
        assertThat(Vectors.hex(ServerHandshake.deny(Vectors.string(vector, "reason"))))
                .isEqualTo(Vectors.string(vector, "message"));
    }

    @ParameterizedTest
    @MethodSource("denials")
    void theClientHearsTheReasonOfADenial(JsonObject vector) {
        assertThat(begunClient().handleMessage(bytes(vector, "message")))
                .isEqualTo(new ClientHandshake.Step.Denied(Vectors.string(vector, "reason")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03026e6f6a756e6b", // bytes behind the reason
                "0382006e6f", // length in two bytes
                "4003026e6f", // type in two bytes
            })
    void theClientHearsTheReasonOfADenialThatIsLongerThanItHasToBe(String message) {
        assertThat(begunClient().handleMessage(ByteBuffer.wrap(Vectors.hex(message))))
                .isEqualTo(new ClientHandshake.Step.Denied("no"));
    }

    @Test
    void aReasonThatHasNoRoomIsCutBetweenCharacters() {
        byte[] message = ServerHandshake.deny("a" + "\u20ac".repeat(30_000));

        assertThat(message).hasSizeBetween(FrameLayout.MAX_MESSAGE_TO_SEND - 2, FrameLayout.MAX_MESSAGE_TO_SEND);
        assertThat(begunClient().handleMessage(ByteBuffer.wrap(message)))
                .isEqualTo(new ClientHandshake.Step.Denied("a" + "\u20ac".repeat(21_843)));
    }

    @Test
    void theClientTakesConfirmationWithoutAChallenge() {
        assertThat(begunClient().handleMessage(ByteBuffer.wrap(ServerHandshake.confirm())))
                .isEqualTo(new ClientHandshake.Step.Confirmed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000102030405060708090a0b0c0d0e0f6a756e6b", // challenge of 20 bytes
                "4000000102030405060708090a0b0c0d0e0f", // type in two bytes
            })
    void theClientAnswersAChallengeThatIsLongerThanItHasToBe(String message) {
        assertThat(begunClient().handleMessage(ByteBuffer.wrap(Vectors.hex(message))))
                .isInstanceOfSatisfying(
                        ClientHandshake.Step.SendAuth.class,
                        auth -> assertThat(begunServer(CHALLENGE).handleMessage(ByteBuffer.wrap(auth.message())))
                                .isInstanceOf(ServerHandshake.Step.Authenticated.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "40", // type cut
                "00000102030405060708090a0b0c0d0e", // challenge of 15 bytes
                "01", // the client's own type
                "0900000000000000", // a ping before it is let in
                "0e", // unknown
                "03", // denial without a reason
                "030568656c6c", // reason cut
                "0302c328", // reason not UTF-8
                "03ffffffffffffffffff7f", // reason of 2^64 bytes and more
            })
    void theClientFailsOnWhatNoRelaySends(String message) {
        assertThat(begunClient().handleMessage(ByteBuffer.wrap(Vectors.hex(message))))
                .isInstanceOf(ClientHandshake.Step.Failed.class);
    }

    @Test
    void theClientFailsOnASecondChallenge() {
        var client = begunClient();
        client.handleMessage(ByteBuffer.wrap(Vectors.hex("00000102030405060708090a0b0c0d0e0f")));

        assertThat(client.handleMessage(ByteBuffer.wrap(Vectors.hex("00000102030405060708090a0b0c0d0e0f"))))
                .isEqualTo(new ClientHandshake.Step.Failed(
                        "frame type: 0 (expected from a relay after a challenge: 2, 3)"));
    }

    @Test
    void aHandshakeThatIsOverTakesNoMore() {
        var client = begunClient();
        client.handleMessage(ByteBuffer.wrap(ServerHandshake.confirm()));
        var server = begunServer(CHALLENGE);
        server.handleMessage(ByteBuffer.allocate(0));

        assertThatIllegalStateException()
                .isThrownBy(() -> client.handleMessage(ByteBuffer.wrap(ServerHandshake.confirm())));
        assertThatIllegalStateException().isThrownBy(() -> server.handleMessage(ByteBuffer.allocate(0)));
    }

    @Test
    void aHandshakeBeginsOnceAndBeforeAnyMessage() {
        assertThatIllegalStateException().isThrownBy(() -> begunClient().start(KeyMaterialExporter.NONE));
        assertThatIllegalStateException()
                .isThrownBy(() -> new ClientHandshake(KEY).handleMessage(ByteBuffer.allocate(0)));
        assertThatIllegalStateException()
                .isThrownBy(() -> begunServer(CHALLENGE).start(Optional.empty(), KeyMaterialExporter.NONE));
        assertThatIllegalStateException()
                .isThrownBy(() -> new ServerHandshake(CHALLENGE).handleMessage(ByteBuffer.allocate(0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17})
    void aChallengeOfAnotherLengthIsRefused(int length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ServerHandshake(new byte[length]))
                .withMessage("challenge: %d bytes (expected: 16)", length);
    }

    static List<Named<JsonObject>> challenges() {
        return Vectors.cases(VECTORS.get("cases"));
    }

    static List<Named<JsonObject>> denials() {
        return Vectors.cases(VECTORS.get("server_denies_auth"));
    }

    private static ByteBuffer bytes(JsonObject vector, String key) {
        return ByteBuffer.wrap(Vectors.bytes(vector, key));
    }

    private static ClientHandshake begunClient() {
        var client = new ClientHandshake(KEY);
        client.start(KeyMaterialExporter.NONE);
        return client;
    }

    private static ServerHandshake begunServer(byte[] challenge) {
        var server = new ServerHandshake(challenge);
        server.start(Optional.empty(), KeyMaterialExporter.NONE);
        return server;
    }
}
