package io.teahouse.tls.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.TestCertificates;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.security.KeyPair;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertifiedTest {
    private static final Instant NOW = TestCertificates.NOW;
    private static final KeyPair KEY = TestCertificates.key("P-256");

    private static TestCertificates.Request localhost() {
        return new TestCertificates.Request("localhost", KEY).names("localhost");
    }

    private static PeerVerifier verifier(String name) {
        return PeerVerifier.certified(TestCertificates.ANCHORS, name);
    }

    private static CertificateMessage message(X509Certificate... chain) throws Exception {
        var entries = new ArrayList<CertificateMessage.Entry>();
        for (X509Certificate certificate : chain) {
            entries.add(new CertificateMessage.Entry(Opaque.copyOf(certificate.getEncoded()), Extensions.NONE));
        }
        return new CertificateMessage(Opaque.EMPTY, entries);
    }

    private static void isRefused(Alert alert, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.alert())
                                .as(failure.getMessage())
                                .isEqualTo(alert));
    }

    @Test
    void aChainToTheRootIsTrustedInWhateverOrderItComes() throws Exception {
        var leaf = localhost().issue();

        for (var chain : List.of(
                message(leaf, TestCertificates.INTERMEDIATE),
                message(leaf, TestCertificates.INTERMEDIATE, TestCertificates.ROOT),
                message(leaf, TestCertificates.ROOT, TestCertificates.INTERMEDIATE))) {
            assertThat(verifier("localhost").identify(chain, NOW)).isEqualTo(new PeerIdentity.Certified(leaf));
        }
    }

    @Test
    void aSelfSignedCertificateIsTrustedByWhoTrustsItself() throws Exception {
        var own = localhost().by("localhost", KEY);
        var trusting = PeerVerifier.certified(Set.of(new TrustAnchor(own, null)), "localhost");

        assertThat(trusting.identify(message(own), NOW)).isEqualTo(new PeerIdentity.Certified(own));
        isRefused(Alert.UNKNOWN_CA, () -> verifier("localhost").identify(message(own), NOW));
        isRefused(Alert.CERTIFICATE_EXPIRED, () -> trusting.identify(message(own), NOW.plus(Duration.ofDays(365))));
    }

    @Test
    void aChainWithAHoleIsNotTrusted() throws Exception {
        var leaf = localhost().issue();

        isRefused(Alert.UNKNOWN_CA, () -> verifier("localhost").identify(message(leaf), NOW));
    }

    @Test
    void anIssuerOfTheRightNameWithTheWrongKeyIsNotTrusted() throws Exception {
        var forged = localhost().by("intermediate", TestCertificates.key("P-384"));

        assertThatThrownBy(() -> verifier("localhost").identify(message(forged, TestCertificates.INTERMEDIATE), NOW))
                .isInstanceOf(TlsException.class);
    }

    @Test
    void aServersCertificateIssuesNoOthers() throws Exception {
        var leaf = localhost().issue();
        var below = new TestCertificates.Request("below", TestCertificates.key("P-256"))
                .names("localhost")
                .by("localhost", KEY);

        assertThatThrownBy(
                        () -> verifier("localhost").identify(message(below, leaf, TestCertificates.INTERMEDIATE), NOW))
                .isInstanceOf(TlsException.class);
    }

    @Test
    void aCertificateIsGoodWithinItsTimeAndNoTrustedChainHelps() throws Exception {
        var chain = message(localhost().issue(), TestCertificates.INTERMEDIATE);

        isRefused(
                Alert.CERTIFICATE_EXPIRED, () -> verifier("localhost").identify(chain, NOW.plus(Duration.ofDays(181))));
        isRefused(
                Alert.CERTIFICATE_EXPIRED,
                () -> verifier("localhost").identify(chain, NOW.minus(Duration.ofDays(181))));
    }

    @Test
    void aCertificateForOtherUsesIsRefused() throws Exception {
        var forClients = localhost().purpose(KeyPurposeId.id_kp_clientAuth).issue();
        var forEncryption = localhost().usage(KeyUsage.keyEncipherment).issue();
        var forAll = localhost().purpose(KeyPurposeId.anyExtendedKeyUsage).issue();

        isRefused(
                Alert.UNSUPPORTED_CERTIFICATE,
                () -> verifier("localhost").identify(message(forClients, TestCertificates.INTERMEDIATE), NOW));
        isRefused(
                Alert.UNSUPPORTED_CERTIFICATE,
                () -> verifier("localhost").identify(message(forEncryption, TestCertificates.INTERMEDIATE), NOW));
        verifier("localhost").identify(message(forAll, TestCertificates.INTERMEDIATE), NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "relay.example,          relay.example,       true",
        "RELAY.Example,          relay.example.,      true",
        "relay.example,          www.relay.example,   false",
        "*.relay.example,        eu.relay.example,    true",
        "*.relay.example,        a.eu.relay.example,  false",
        "*.relay.example,        relay.example,       false",
        "*.example,              relay.example,       false",
        "r*.relay.example,       r1.relay.example,    false",
        "eu.*.example,           eu.relay.example,    false",
        "127.0.0.1,              127.0.0.1,           true",
        "127.0.0.1,              127.0.0.2,           false",
        "::1,                    ::1,                 true",
        "::1,                    [0:0::1],            true",
        "127.0.0.0/8,            127.0.0.1,           false",
        "127.0.0.1,              localhost,           false",
        "localhost,              127.0.0.1,           false",
    })
    void aNameIsTheOneInTheCertificate(String inCertificate, String wanted, boolean isFound) throws Exception {
        var leaf = new TestCertificates.Request("ignored", KEY)
                .names(inCertificate)
                .issue();
        var chain = message(leaf, TestCertificates.INTERMEDIATE);

        if (isFound) {
            verifier(wanted).identify(chain, NOW);
        } else {
            isRefused(Alert.BAD_CERTIFICATE, () -> verifier(wanted).identify(chain, NOW));
        }
    }

    @Test
    void theSubjectsCommonNameCountsForNothing() throws Exception {
        var leaf = new TestCertificates.Request("localhost", KEY).issue();

        isRefused(
                Alert.BAD_CERTIFICATE,
                () -> verifier("localhost").identify(message(leaf, TestCertificates.INTERMEDIATE), NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a", "a..b", "ü.example", "a/b"})
    void whatIsNoNameIsRefused(String name) {
        assertThatThrownBy(() -> verifier(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesThatAreNoCertificateAreRefused() throws Exception {
        byte[] leaf = localhost().issue().getEncoded();
        for (byte[] bytes : List.of(
                new byte[1],
                new byte[] {0x30, (byte) 0x84, 0x7f, 0x7f, 0x7f, 0x7f},
                ("-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(leaf)
                                + "\n-----END CERTIFICATE-----\n")
                        .getBytes(US_ASCII),
                Arrays.copyOf(leaf, leaf.length - 1),
                Arrays.copyOf(leaf, leaf.length + 1))) {
            var message = new CertificateMessage(
                    Opaque.EMPTY, List.of(new CertificateMessage.Entry(Opaque.copyOf(bytes), Extensions.NONE)));
            isRefused(Alert.BAD_CERTIFICATE, () -> verifier("localhost").identify(message, NOW));
        }
    }

    @Test
    void anyByteOfACertificateMayBeWrong() throws Exception {
        byte[] leaf = localhost().issue().getEncoded();
        for (int at = 0; at < leaf.length; at++) {
            byte[] touched = leaf.clone();
            touched[at] ^= 0x41;
            var message = new CertificateMessage(
                    Opaque.EMPTY,
                    List.of(
                            new CertificateMessage.Entry(Opaque.copyOf(touched), Extensions.NONE),
                            new CertificateMessage.Entry(
                                    Opaque.copyOf(TestCertificates.INTERMEDIATE.getEncoded()), Extensions.NONE)));
            assertThatThrownBy(() -> verifier("localhost").identify(message, NOW))
                    .isInstanceOf(TlsException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"P-256, 0403", "P-384, 0503", "RSA, 0806", "RSA, 0805", "RSA, 0804", "Ed25519, 0807"})
    void aKeySignsByTheSchemesThatFitIt(String kind, String code) throws Exception {
        var chain = TestCertificates.localhost(kind);
        var credential = Credential.of(chain.certificates(), chain.key());
        int scheme = Integer.parseInt(code, 16);
        byte[] content = SignedContent.SERVER.of(new byte[32]);

        var chosen = credential.choose(List.of(0x0401, 0x0999, scheme)).orElseThrow();
        var verify = credential.sign(chosen, content);

        assertThat(verify.scheme()).isEqualTo(scheme);
        var peer = new PeerIdentity.Certified(chain.certificates().getFirst());
        verifier("localhost").verifySignature(peer, verify, content);
        byte[] others = SignedContent.CLIENT.of(new byte[32]);
        isRefused(Alert.DECRYPT_ERROR, () -> verifier("localhost").verifySignature(peer, verify, others));
        byte[] signature = verify.signature().toArray();
        for (int at = 0; at < signature.length; at += 7) {
            byte[] touched = signature.clone();
            touched[at] ^= 1;
            isRefused(
                    Alert.DECRYPT_ERROR,
                    () -> verifier("localhost")
                            .verifySignature(peer, new CertificateVerify(scheme, Opaque.copyOf(touched)), content));
        }
    }

    @Test
    void aSchemeThatDoesNotFitTheKeyIsIllegalHoweverItWasOffered() throws Exception {
        var peer = new PeerIdentity.Certified(localhost().issue());
        for (int scheme : new int[] {0x0503, 0x0804, 0x0807, 0x0401, 0x0203}) {
            isRefused(
                    Alert.ILLEGAL_PARAMETER,
                    () -> verifier("localhost")
                            .verifySignature(
                                    peer, new CertificateVerify(scheme, Opaque.copyOf(new byte[70])), new byte[10]));
        }
    }

    @Test
    void aShortKeyOfRsaIsNoCredentialAndNoProof() {
        var chain = TestCertificates.localhost("RSA-1024");

        assertThatThrownBy(() -> Credential.of(chain.certificates(), chain.key()))
                .isInstanceOf(IllegalArgumentException.class);
        isRefused(
                Alert.ILLEGAL_PARAMETER,
                () -> verifier("localhost")
                        .verifySignature(
                                new PeerIdentity.Certified(chain.certificates().getFirst()),
                                new CertificateVerify(0x0804, Opaque.copyOf(new byte[128])),
                                new byte[10]));
    }

    @Test
    void aKeyOfAnotherKindThanTheCertificatesIsNoCredential() {
        var chain = TestCertificates.localhost("P-256");

        assertThatThrownBy(() -> Credential.of(
                        chain.certificates(), TestCertificates.key("Ed25519").getPrivate()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ECDSA");
    }

    @Test
    void aNameIsAskedForAndAnAddressIsNot() {
        assertThat(((PeerVerifier.Certified) verifier("Relay.Example")).indication())
                .hasValue(Opaque.ofUtf8("relay.example"));
        assertThat(((PeerVerifier.Certified) verifier("127.0.0.1")).indication())
                .isEmpty();
        assertThat(((PeerVerifier.Certified) verifier("[::1]")).indication()).isEmpty();
    }
}
