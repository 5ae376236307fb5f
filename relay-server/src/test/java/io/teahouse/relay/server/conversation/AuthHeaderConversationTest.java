package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proves keys by a signature over TLS keying material, or tries to (iroh relay spec, section 3.2). */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthHeaderConversationTest {
    private final RelayServer relay;
    private final RelayServer plainRelay;

    AuthHeaderConversationTest() throws IOException {
        relay = RelayServer.builder().tls(TestTls.server()).start();
        plainRelay = RelayServer.builder().start();
    }

    @AfterAll
    void stop() {
        relay.close();
        plainRelay.close();
    }

    @Test
    void aGoodHeaderSparesTheChallenge() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = new ScriptedClient(Wire.tls(mainAddress(), "TLSv1.3"))) {
            client.upgrade(ProtocolVersion.V2, client.authHeader(key));

            assertThat(client.nextMessage()).containsExactly(2);
            client.sendDatagram(key.endpointId(), "to myself");
            client.expectDatagram(key.endpointId(), "to myself");
        }
    }

    @Test
    void bytesBehindTheProofAreIgnored() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = ScriptedClient.connect(relay)) {
            var header = changed(client.authHeader(key), proof -> Arrays.copyOf(proof, proof.length + 7));

            client.upgrade(ProtocolVersion.V2, header);

            assertThat(client.nextMessage()).containsExactly(2);
        }
    }

    @Test
    void underTls12TheHeaderIsGoodOrTheChallengeFollows() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = new ScriptedClient(Wire.tls(mainAddress(), "TLSv1.2"))) {
            client.upgrade(ProtocolVersion.V2, client.authHeader(key));

            var first = client.nextMessage();
            if (first[0] == 0) {
                client.sendBinary(ScriptedClient.authFor(key, first));
                first = client.nextMessage();
            }
            assertThat(first).containsExactly(2);
            client.sendDatagram(key.endpointId(), "to myself");
            client.expectDatagram(key.endpointId(), "to myself");
        }
    }

    @Test
    void withoutAHeaderTheChallengeFollows() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            expectChallenge(client);
        }
    }

    @Test
    void overPlainHttpAGoodHeaderProvesNothing() throws IOException {
        String header;
        var key = ScriptedClient.newKey();
        try (var other = ScriptedClient.connect(relay)) {
            header = other.authHeader(key);
        }
        try (var client = ScriptedClient.connect(plainRelay)) {
            expectChallenge(client, header);
        }
    }

    @Test
    void aHeaderMadeForAnotherSessionProvesNothing() throws IOException {
        var key = ScriptedClient.newKey();
        try (var other = ScriptedClient.connect(relay);
                var client = ScriptedClient.connect(relay)) {
            expectChallenge(client, other.authHeader(key));
        }
    }

    @Test
    void anotherSessionsSignatureWithTheRightSuffixProvesNothing() throws IOException {
        var key = ScriptedClient.newKey();
        try (var other = ScriptedClient.connect(relay);
                var client = ScriptedClient.connect(relay)) {
            var own = decoded(client.authHeader(key));

            var header = changed(other.authHeader(key), proof -> {
                System.arraycopy(own, proof.length - 16, proof, proof.length - 16, 16);
                return proof;
            });

            expectChallenge(client, header);
        }
    }

    @Test
    void aWrongSignatureProvesNothing() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            expectChallenge(client, changed(client.authHeader(ScriptedClient.newKey()), proof -> {
                proof[40] ^= 1;
                return proof;
            }));
        }
    }

    @Test
    void onlyTheFirstOfTwoHeadersIsLookedAt() throws IOException {
        var key = ScriptedClient.newKey();
        try (var client = ScriptedClient.connect(relay)) {
            expectChallenge(client, KeyMaterialExporter.HEADER_NAME + ": x", client.authHeader(key));
        }
        try (var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2, client.authHeader(key), KeyMaterialExporter.HEADER_NAME + ": x");
            assertThat(client.nextMessage()).containsExactly(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no base64!", "padded", "standard alphabet", "too short", "no point", "", "length 63"})
    void aMalformedHeaderIsAsGoodAsNone(String fault) throws IOException {
        for (var server : new RelayServer[] {relay, plainRelay}) {
            var key = ScriptedClient.newKey();
            try (var source = ScriptedClient.connect(relay);
                    var other = ScriptedClient.connect(server)) {
                var client = server == relay ? source : other;

                expectChallenge(client, malformed(fault, source.authHeader(key)));
            }
        }
    }

    private static String malformed(String fault, String header) {
        var name = KeyMaterialExporter.HEADER_NAME + ": ";
        return switch (fault) {
            case "no base64!", "" -> name + fault;
            case "padded" -> name + Base64.getUrlEncoder().encodeToString(decoded(header));
            // All bits set: their base64 has the characters that the alphabets differ in.
            case "standard alphabet" ->
                name
                        + Base64.getEncoder()
                                .withoutPadding()
                                .encodeToString(Arrays.copyOf(new byte[] {-1, -1, -1, -2, -5}, 113));
            case "too short" -> changed(header, proof -> Arrays.copyOf(proof, 112));
            case "no point" ->
                changed(header, proof -> {
                    Arrays.fill(proof, 0, 32, (byte) 0);
                    proof[0] = 2;
                    return proof;
                });
            case "length 63" ->
                changed(header, proof -> {
                    proof[32] = 63;
                    return proof;
                });
            default -> throw new AssertionError(fault);
        };
    }

    @Test
    void aClientThatHasProvedItsKeyByHeaderMayStillBeDenied() throws IOException {
        var key = ScriptedClient.newKey();
        try (var strict = RelayServer.builder()
                        .tls(TestTls.server())
                        .access(AccessControl.allowlist(Set.of()))
                        .start();
                var client = ScriptedClient.connect(strict)) {
            client.upgrade(ProtocolVersion.V2, client.authHeader(key));

            assertThat(client.nextMessage())
                    .startsWith(3, 14)
                    .endsWith("not authorized".getBytes(StandardCharsets.US_ASCII));
            client.expectClosed(1008);
        }
    }

    @Test
    void theAnswerToTheRequestDoesNotWaitForAccessControl() throws IOException {
        var decided = new CountDownLatch(1);
        AccessControl slow = _ -> {
            decided.await();
            return AccessControl.Decision.allow();
        };
        try (var slowRelay =
                        RelayServer.builder().tls(TestTls.server()).access(slow).start();
                var client = ScriptedClient.connect(slowRelay)) {

            client.upgrade(ProtocolVersion.V2, client.authHeader(ScriptedClient.newKey()));
            decided.countDown();

            assertThat(client.nextMessage()).containsExactly(2);
        }
    }

    private java.net.InetSocketAddress mainAddress() {
        return relay.httpsAddress().orElseThrow();
    }

    /** Checks that the client is asked to sign a challenge, and is let in when it does. */
    private static void expectChallenge(ScriptedClient client, String... headers) throws IOException {
        SecretKey key = ScriptedClient.newKey();
        client.upgrade(ProtocolVersion.V2, headers);
        var challenge = client.nextMessage();
        assertThat(challenge).hasSize(17).startsWith(0);
        client.sendBinary(ScriptedClient.authFor(key, challenge));
        assertThat(client.nextMessage()).containsExactly(2);
        client.expectQuietAndAlive();
    }

    private static byte[] decoded(String header) {
        return Base64.getUrlDecoder().decode(header.substring(header.indexOf(' ') + 1));
    }

    private static String changed(String header, UnaryOperator<byte[]> change) {
        return KeyMaterialExporter.HEADER_NAME
                + ": "
                + Base64.getUrlEncoder().withoutPadding().encodeToString(change.apply(decoded(header)));
    }
}
