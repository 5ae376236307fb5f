package io.teahouse.tls.schedule;

import static io.teahouse.tls.Recordings.RFC_8448;
import static io.teahouse.tls.Recordings.bytes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.Recordings;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.HandshakeCodec;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KeyScheduleTest {
    private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;

    @Test
    void theFullHandshakeOfRfc8448HasItsSecrets() {
        var vector = RFC_8448.getAsJsonObject("full");
        var messages = Recordings.list(vector, "messages");
        var transcript = new Transcript();
        transcript.append(messages.get(0));
        transcript.choose(HashAlgorithm.SHA256);
        transcript.append(messages.get(1));

        var early = EarlySecret.withoutPsk(HashAlgorithm.SHA256);
        assertThat(early.bytes()).isEqualTo(bytes(vector, "early_secret"));

        var handshake = early.toHandshake(bytes(vector, "shared_secret"));
        assertThat(handshake.bytes()).isEqualTo(bytes(vector, "handshake_secret"));
        var client = handshake.clientTraffic(SUITE, transcript.hash());
        var server = handshake.serverTraffic(SUITE, transcript.hash());
        assertThat(client).isEqualTo(new TrafficSecret(SUITE, bytes(vector, "client_handshake_traffic")));
        assertThat(server).isEqualTo(new TrafficSecret(SUITE, bytes(vector, "server_handshake_traffic")));

        messages.subList(2, 5).forEach(transcript::append);
        assertThat(server.finished(transcript.hash())).isEqualTo(body(messages.get(5)));
        transcript.append(messages.get(5));

        var master = handshake.toMaster();
        assertThat(master.bytes()).isEqualTo(bytes(vector, "master_secret"));
        assertThat(master.clientTraffic(SUITE, transcript.hash()))
                .isEqualTo(new TrafficSecret(SUITE, bytes(vector, "client_application_traffic")));
        assertThat(master.serverTraffic(SUITE, transcript.hash()))
                .isEqualTo(new TrafficSecret(SUITE, bytes(vector, "server_application_traffic")));
        assertThat(master.exporter(transcript.hash()).bytes()).isEqualTo(bytes(vector, "exporter_master"));

        assertThat(client.finished(transcript.hash())).isEqualTo(body(messages.get(6)));
        transcript.append(messages.get(6));
        var resumption = master.toResumption(transcript.hash());
        assertThat(resumption.bytes()).isEqualTo(bytes(vector, "resumption_master"));
        assertThat(resumption.psk(bytes(vector, "ticket_nonce"))).isEqualTo(bytes(vector, "resumption_psk"));
    }

    @Test
    void theResumedHandshakeOfRfc8448HasItsBinderAndItsEarlySecret() throws Exception {
        var vector = RFC_8448.getAsJsonObject("resumed");
        byte[] message = bytes(vector, "client_hello");
        var hello = (ClientHello) HandshakeCodec.decode(message);
        var psks = hello.extensions().find(Extension.PreSharedKeys.class).orElseThrow();
        var transcript = new Transcript();

        byte[] partial = transcript.hashWithPart(HashAlgorithm.SHA256, message, message.length - psks.binderBytes());
        assertThat(partial).isEqualTo(bytes(vector, "partial_hello_hash"));

        var early = EarlySecret.withPsk(HashAlgorithm.SHA256, bytes(vector, "psk"));
        assertThat(early.bytes()).isEqualTo(bytes(vector, "early_secret"));
        assertThat(early.binder(partial)).isEqualTo(bytes(vector, "binder"));
        assertThat(psks.binders().getFirst().toArray()).isEqualTo(bytes(vector, "binder"));

        transcript.append(message);
        transcript.choose(HashAlgorithm.SHA256);
        assertThat(early.clientTraffic(SUITE, transcript.hash()))
                .isEqualTo(new TrafficSecret(SUITE, bytes(vector, "client_early_traffic")));
    }

    @Test
    void theRetriedHandshakeOfRfc8448HasItsTranscript() {
        var vector = RFC_8448.getAsJsonObject("retried");
        var messages = Recordings.list(vector, "messages");
        var transcript = new Transcript();

        transcript.append(messages.get(0));
        transcript.choose(HashAlgorithm.SHA256);
        transcript.replaceByHash();
        messages.subList(1, 4).forEach(transcript::append);

        assertThat(transcript.hash()).isEqualTo(bytes(vector, "transcript_hash"));
        var handshake = EarlySecret.withoutPsk(HashAlgorithm.SHA256).toHandshake(bytes(vector, "shared_secret"));
        assertThat(handshake.bytes()).isEqualTo(bytes(vector, "handshake_secret"));
        assertThat(handshake.clientTraffic(SUITE, transcript.hash()))
                .isEqualTo(new TrafficSecret(SUITE, bytes(vector, "client_handshake_traffic")));
        assertThat(handshake.serverTraffic(SUITE, transcript.hash()))
                .isEqualTo(new TrafficSecret(SUITE, bytes(vector, "server_handshake_traffic")));
    }

    static Stream<Recordings.Connection> recordings() {
        return Recordings.all();
    }

    /** What follows from logged secrets: both Finished of every recording, with either hash. */
    @ParameterizedTest
    @MethodSource("recordings")
    void theFinishedOfEveryRecordingFollowFromItsSecrets(Recordings.Connection recording) {
        var suite = CipherSuite.of(recording.cipherSuite()).orElseThrow();
        var server = new TrafficSecret(suite, recording.secret("SERVER_HANDSHAKE_TRAFFIC_SECRET"));
        var client = new TrafficSecret(suite, recording.secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET"));
        var transcript = new Transcript();
        transcript.choose(suite.hash());
        int seen = 0;

        for (var message : recording.messages()) {
            if (message.name().equals("Finished")) {
                var sender = message.from().equals("server") ? server : client;
                assertThat(sender.finished(transcript.hash())).isEqualTo(body(message.bytes()));
                seen++;
            }
            transcript.append(message.bytes());
        }
        assertThat(seen).isEqualTo(2);
    }

    @Test
    void aStageIsWipedWhenTheNextOneBegins() {
        byte[] shared = filled(1);
        var early = EarlySecret.withoutPsk(HashAlgorithm.SHA384);
        var handshake = early.toHandshake(shared);
        assertThat(early.bytes()).containsOnly(0);
        assertThat(shared).containsOnly(0);

        var master = handshake.toMaster();
        assertThat(handshake.bytes()).containsOnly(0);

        var resumption = master.toResumption(new byte[48]);
        assertThat(master.bytes()).containsOnly(0);
        resumption.destroy();
        assertThat(resumption.bytes()).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void exportedKeyingMaterialDependsOnLabelContextAndLength(HashAlgorithm hash) {
        var exporter = new ExporterSecret(hash, filled(hash.length()));
        byte[] exported = exporter.export("EXPORTER-teahouse", new byte[] {1}, 32);

        assertThat(exported).hasSize(32);
        assertThat(exporter.export("EXPORTER-teahouse", new byte[] {1}, 32)).isEqualTo(exported);
        assertThat(exporter.export("EXPORTER-coffee", new byte[] {1}, 32)).isNotEqualTo(exported);
        assertThat(exporter.export("EXPORTER-teahouse", new byte[] {2}, 32)).isNotEqualTo(exported);
        assertThat(Arrays.copyOf(exporter.export("EXPORTER-teahouse", new byte[] {1}, 64), 32))
                .isNotEqualTo(exported);
    }

    /** RFC 9001, appendix A.5: the secret, and the one after a key update. */
    @Test
    void quicsKeysFollowFromASecret() {
        var hex = HexFormat.of();
        var secret = new TrafficSecret(
                CipherSuite.CHACHA20_POLY1305_SHA256,
                hex.parseHex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"));

        assertThat(hex.formatHex(secret.expand("quic key", 32)))
                .isEqualTo("c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8");
        assertThat(hex.formatHex(secret.expand("quic iv", 12))).isEqualTo("e0459b3474bdd0e44a41c144");
        assertThat(hex.formatHex(secret.expand("quic hp", 32)))
                .isEqualTo("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        assertThat(secret.next())
                .isEqualTo(new TrafficSecret(
                        CipherSuite.CHACHA20_POLY1305_SHA256,
                        hex.parseHex("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9")));
    }

    @Test
    void aTranscriptSettlesOnOneHash() throws Exception {
        var transcript = new Transcript();
        assertThatThrownBy(transcript::hash).isInstanceOf(IllegalStateException.class);

        transcript.append("a".getBytes(US_ASCII));
        transcript.choose(HashAlgorithm.SHA384);
        transcript.choose(HashAlgorithm.SHA384);
        transcript.append("b".getBytes(US_ASCII));

        assertThat(transcript.hash())
                .isEqualTo(MessageDigest.getInstance("SHA-384").digest("ab".getBytes(US_ASCII)));
        assertThatThrownBy(() -> transcript.choose(HashAlgorithm.SHA256)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theKeyLogHasTheLinesOfNss() {
        var lines = new ArrayList<String>();
        var random = new byte[] {(byte) 0xab, 1};

        KeyLog.toLines(lines::add).log("CLIENT_TRAFFIC_SECRET_0", random, new TrafficSecret(SUITE, filled(32)));
        KeyLog.toLines(lines::add).log(random, new ExporterSecret(HashAlgorithm.SHA256, filled(32)));

        assertThat(lines)
                .containsExactly(
                        "CLIENT_TRAFFIC_SECRET_0 ab01 " + "07".repeat(32), "EXPORTER_SECRET ab01 " + "07".repeat(32));
    }

    @Test
    void aSecretIsWipedForItselfAndNotForItsCopies() {
        var secret = new TrafficSecret(SUITE, filled(32));
        var copy = secret.copy();
        byte[] bytes = secret.toBytes();

        secret.destroy();

        assertThat(secret.toBytes()).containsOnly(0);
        assertThat(copy.toBytes()).isEqualTo(filled(32));
        assertThat(bytes).isEqualTo(filled(32));
    }

    @Test
    void aSecretIsNotPrinted() {
        assertThat(new TrafficSecret(SUITE, filled(32)).toString()).isEqualTo("traffic secret for AES_128_GCM_SHA256");
    }

    private static byte[] filled(int length) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    private static byte[] body(byte[] message) {
        return Arrays.copyOfRange(message, HandshakeCodec.HEADER_LENGTH, message.length);
    }
}
