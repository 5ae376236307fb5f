package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the other side sends, a handshake ends in one of its steps and lets nobody in who has not signed. */
class HandshakePropertiesTest {
    private static final SecretKey KEY = Vectors.secretKey("09".repeat(32));
    private static final byte[] CHALLENGE = Vectors.hex("00112233445566778899aabbccddeeff");
    private static final byte[] GOOD_CHALLENGE = RelayFrames.joined(new byte[1], CHALLENGE);
    private static final byte[] GOOD_ANSWER = goodAnswer();

    @Property
    void theRelayEndsWithTheFirstAnswerWhateverItIs(@ForAll("answers") byte[] answer) {
        var server = begunServer();

        var step = server.handleMessage(ByteBuffer.wrap(answer));

        assertThat(step)
                .isInstanceOfAny(
                        ServerHandshake.Step.Authenticated.class,
                        ServerHandshake.Step.Deny.class,
                        ServerHandshake.Step.Fail.class);
        if (step instanceof ServerHandshake.Step.Fail(String reason)) {
            assertThat(reason).isNotBlank();
        }
    }

    @Property
    void oneChangedByteOfTheProofIsNeverLetIn(@ForAll("placesInTheProof") int place, @ForAll("changes") int change) {
        byte[] answer = GOOD_ANSWER.clone();
        answer[place] ^= (byte) change;

        assertThat(begunServer().handleMessage(ByteBuffer.wrap(answer)))
                .isNotInstanceOf(ServerHandshake.Step.Authenticated.class);
    }

    @Property
    void anyHeaderLeadsToAChallengeUnlessItProvesTheKey(@ForAll("headers") String header) {
        KeyMaterialExporter exporter = context -> Optional.of(context.clone());

        assertThat(new ServerHandshake(CHALLENGE).start(Optional.of(header), exporter))
                .isInstanceOf(ServerHandshake.Step.SendChallenge.class);
    }

    @Property
    void theClientEndsOrAnswersOneChallengeWhateverTheRelaySends(@ForAll("conversations") List<byte[]> messages) {
        var client = new ClientHandshake(KEY);
        client.start(KeyMaterialExporter.NONE);
        int answers = 0;

        for (byte[] message : messages) {
            var step = client.handleMessage(ByteBuffer.wrap(message));
            if (!(step instanceof ClientHandshake.Step.SendAuth)) {
                break;
            }
            answers++;
        }

        assertThat(answers).isLessThanOrEqualTo(1);
    }

    @Provide
    Arbitrary<byte[]> answers() {
        var cut =
                Arbitraries.integers().between(0, GOOD_ANSWER.length).map(length -> Arrays.copyOf(GOOD_ANSWER, length));
        var changed = Combinators.combine(Arbitraries.integers().between(0, GOOD_ANSWER.length - 1), changes())
                .as((place, change) -> {
                    byte[] answer = GOOD_ANSWER.clone();
                    answer[place] ^= change.byteValue();
                    return answer;
                });
        return Arbitraries.oneOf(RelayFrames.messages(), cut, changed);
    }

    @Provide
    Arbitrary<Integer> placesInTheProof() {
        int lengthByte = 1 + 32;
        return Arbitraries.integers().between(1, GOOD_ANSWER.length - 1).filter(place -> place != lengthByte);
    }

    @Provide
    Arbitrary<Integer> changes() {
        return Arbitraries.integers().between(1, 255);
    }

    @Provide
    Arbitrary<String> headers() {
        var base64 = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .numeric()
                .withChars('-', '_');
        return Arbitraries.oneOf(
                base64.ofLength(151),
                base64.ofMaxLength(300),
                Arbitraries.strings().ofMaxLength(300));
    }

    @Provide
    Arbitrary<List<byte[]>> conversations() {
        return Arbitraries.oneOf(RelayFrames.messages(), Arbitraries.just(GOOD_CHALLENGE))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    private static ServerHandshake begunServer() {
        var server = new ServerHandshake(CHALLENGE);
        server.start(Optional.empty(), KeyMaterialExporter.NONE);
        return server;
    }

    private static byte[] goodAnswer() {
        var client = new ClientHandshake(KEY);
        client.start(KeyMaterialExporter.NONE);
        return ((ClientHandshake.Step.SendAuth) client.handleMessage(ByteBuffer.wrap(GOOD_CHALLENGE))).message();
    }
}
