package io.teahouse.tls.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.Recordings;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.Transcript;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who was recorded is recognized, and each signature covers what it should. */
class RecordedSignaturesTest {
    private static final Instant THEN = Instant.parse("2026-11-25T00:00:00Z");

    static Stream<Recordings.Connection> recordings() {
        return Recordings.all().filter(recording -> recording.has("server", "Certificate"));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void everySideOfARecordingIsWhoItSaysItIs(Recordings.Connection recording) throws Exception {
        var transcript = new Transcript();
        transcript.choose(CipherSuite.of(recording.cipherSuite()).orElseThrow().hash());
        for (var message : recording.messages()) {
            if (message.name().equals("CertificateVerify")) {
                var certificate =
                        (CertificateMessage) HandshakeCodec.decode(recording.message(message.from(), "Certificate"));
                var verify = (CertificateVerify) HandshakeCodec.decode(message.bytes());
                boolean isServer = message.from().equals("server");
                var content = (isServer ? SignedContent.SERVER : SignedContent.CLIENT).of(transcript.hash());
                var verifier = verifier(certificate);

                var identity = verifier.identify(certificate, THEN);
                verifier.verifySignature(identity, verify, content);

                var others = (isServer ? SignedContent.CLIENT : SignedContent.SERVER).of(transcript.hash());
                assertThatThrownBy(() -> verifier.verifySignature(identity, verify, others))
                        .isInstanceOfSatisfying(
                                TlsException.class,
                                failure -> assertThat(failure.alert()).isEqualTo(Alert.DECRYPT_ERROR));
            }
            transcript.append(message.bytes());
        }
    }

    /** Endpoints have raw public keys; the relays were recorded with certificates that they had issued themselves. */
    private static PeerVerifier verifier(CertificateMessage certificate) throws Exception {
        byte[] data = certificate.entries().getFirst().data().toArray();
        if (data.length == 44) {
            return PeerVerifier.anyEndpoint();
        }
        var anchor = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(data));
        return PeerVerifier.certified(Set.of(new TrustAnchor(anchor, null)), "localhost");
    }
}
