package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The two sides of the handshake talk to each other, messages handed over by the test. */
class HandshakeConversationTest {
    private static final SecretKey KEY = Vectors.secretKey("0a".repeat(32));
    private static final byte[] CHALLENGE = Vectors.hex("ffeeddccbbaa99887766554433221100");

    private final ClientHandshake client = new ClientHandshake(KEY);
    private final ServerHandshake server = new ServerHandshake(CHALLENGE);

    @Test
    void withoutKeyMaterialTheChallengeProvesTheKey() {
        var header = client.start(KeyMaterialExporter.NONE);
        var challenged = (ServerHandshake.Step.SendChallenge) server.start(header, KeyMaterialExporter.NONE);
        var answered = (ClientHandshake.Step.SendAuth) client.handleMessage(ByteBuffer.wrap(challenged.message()));

        assertThat(server.handleMessage(ByteBuffer.wrap(answered.message())))
                .isEqualTo(new ServerHandshake.Step.Authenticated(KEY.endpointId(), ServerHandshake.Method.CHALLENGE));
        assertThat(client.handleMessage(ByteBuffer.wrap(ServerHandshake.confirm())))
                .isEqualTo(new ClientHandshake.Step.Confirmed());
    }

    @Test
    void oneSessionAtBothEndsProvesTheKeyAtOnce() {
        var header = client.start(sessionOf(1));

        assertThat(server.start(header, sessionOf(1)))
                .isEqualTo(
                        new ServerHandshake.Step.Authenticated(KEY.endpointId(), ServerHandshake.Method.KEY_MATERIAL));
        assertThat(client.handleMessage(ByteBuffer.wrap(ServerHandshake.confirm())))
                .isEqualTo(new ClientHandshake.Step.Confirmed());
    }

    @Test
    void whereAProxyEndsTlsTheChallengeProvesTheKey() {
        var header = client.start(sessionOf(1));
        var challenged = (ServerHandshake.Step.SendChallenge) server.start(header, sessionOf(2));
        var answered = (ClientHandshake.Step.SendAuth) client.handleMessage(ByteBuffer.wrap(challenged.message()));

        assertThat(server.handleMessage(ByteBuffer.wrap(answered.message())))
                .isEqualTo(new ServerHandshake.Step.Authenticated(KEY.endpointId(), ServerHandshake.Method.CHALLENGE));
    }

    @Test
    void anAnswerToAnotherConnectionsChallengeIsDenied() {
        client.start(KeyMaterialExporter.NONE);
        server.start(Optional.empty(), KeyMaterialExporter.NONE);
        var elsewhere = (ServerHandshake.Step.SendChallenge)
                new ServerHandshake(new byte[16]).start(Optional.empty(), KeyMaterialExporter.NONE);
        var answered = (ClientHandshake.Step.SendAuth) client.handleMessage(ByteBuffer.wrap(elsewhere.message()));

        var step = server.handleMessage(ByteBuffer.wrap(answered.message()));

        assertThat(step)
                .isInstanceOfSatisfying(
                        ServerHandshake.Step.Deny.class,
                        deny -> assertThat(client.handleMessage(ByteBuffer.wrap(deny.message())))
                                .isEqualTo(new ClientHandshake.Step.Denied("signature invalid")));
    }

    @Test
    void aDenialAfterProofReachesTheClientWordForWord() {
        client.start(sessionOf(1));

        assertThat(client.handleMessage(ByteBuffer.wrap(ServerHandshake.deny("closed for the night \ud83c\udf19"))))
                .isEqualTo(new ClientHandshake.Step.Denied("closed for the night \ud83c\udf19"));
    }

    /** A TLS session: the same number at both ends exports the same bytes, for each context others. */
    private static KeyMaterialExporter sessionOf(int number) {
        return context -> {
            byte[] material = Arrays.copyOf(context, KeyMaterialExporter.LENGTH);
            material[0] += (byte) number;
            return Optional.of(material);
        };
    }
}
