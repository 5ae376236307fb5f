package io.teahouse.relay.server.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestCertificateAuthorityTest {
    /** Subject that openssl writes for C=US, O=Private Interop Test Authority 0, CN=Test Root CA. */
    private static final String NAME_BY_OPENSSL = "304f"
            + "310b3009060355040613025553"
            + ("31293027060355040a1320" + hex("Private Interop Test Authority 0"))
            + ("311530130603550403130c" + hex("Test Root CA"));

    /** What stands before the coordinates of an uncompressed P-384 key. */
    private static final String P384_KEY_HEAD = "3076301006072a8648ce3d020106052b8104002203620004";

    private final TestCertificateAuthority authority = TestCertificateAuthority.create();

    @TempDir
    private Path directory;

    @Test
    void itsNameAndKeyFitWhereTheRootOfForeignProgramsWas() {
        var certificate = authority.certificate();

        assertThat(HexFormat.of()
                        .formatHex(certificate.getSubjectX500Principal().getEncoded()))
                .isEqualTo(NAME_BY_OPENSSL);
        assertThat(HexFormat.of().formatHex(certificate.getPublicKey().getEncoded()))
                .startsWith(P384_KEY_HEAD)
                .hasSize(P384_KEY_HEAD.length() + 2 * 96);
    }

    @Test
    void itIsAnAuthorityThatSignedItself() throws Exception {
        var certificate = authority.certificate();

        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());
        assertThat(certificate.getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
        assertThat(certificate.getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
    }

    @Test
    void aServerCertificateIsGoodForItsNamesAndOnlyForServers() throws Exception {
        var files = authority.issue(directory, "relay.test", "127.0.0.1", "::1");

        var server = certificates(files.chain()).getFirst();
        server.verify(authority.certificate().getPublicKey());
        assertThat(server.getSubjectAlternativeNames().stream().map(Object::toString))
                .containsExactly("[2, relay.test]", "[7, 127.0.0.1]", "[7, 0:0:0:0:0:0:0:1]");
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void aChainEndsWithTheAuthority() throws Exception {
        var files = authority.issue(directory, "relay.test");
        var root = authority.writeCertificate(directory.resolve("ca.pem"));

        assertThat(certificates(files.chain())).hasSize(2).last().isEqualTo(authority.certificate());
        assertThat(certificates(root)).containsExactly(authority.certificate());
    }

    @ParameterizedTest
    @CsvSource({
        "P256_PKCS8, SHA256withECDSA, PRIVATE KEY",
        "P256_PKCS8_WITHOUT_PUBLIC_KEY, SHA256withECDSA, PRIVATE KEY",
        "P256_SEC1, SHA256withECDSA, EC PRIVATE KEY",
        "P256_SEC1_AFTER_PARAMETERS, SHA256withECDSA, EC PARAMETERS",
        "P384_PKCS8, SHA384withECDSA, PRIVATE KEY",
        "RSA_PKCS8, SHA256withRSA, PRIVATE KEY",
        "RSA_PKCS1, SHA256withRSA, RSA PRIVATE KEY",
        "ED25519_PKCS8, Ed25519, PRIVATE KEY"
    })
    void aKeyFileHoldsTheKeyOfTheCertificateInItsForm(TestKeyForm form, String algorithm, String label)
            throws Exception {
        var files = authority.issue(directory, form, List.of("relay.test"));

        assertThat(files.privateKey()).content().startsWith("-----BEGIN " + label + "-----");
        var signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey(files.privateKey()));
        signature.update(directory.toString().getBytes(US_ASCII));
        byte[] signed = signature.sign();
        signature.initVerify(certificates(files.chain()).getFirst());
        signature.update(directory.toString().getBytes(US_ASCII));
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void aCertificateForNobodyIsRefused() {
        assertThatThrownBy(() -> authority.issue(directory))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("names: none (expected: 1 or more)");
    }

    private static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        try (var parser = new PEMParser(Files.newBufferedReader(file))) {
            var converter = new JcaPEMKeyConverter();
            while (true) {
                switch (parser.readObject()) {
                    case PEMKeyPair pair -> {
                        return converter.getKeyPair(pair).getPrivate();
                    }
                    case PrivateKeyInfo key -> {
                        return converter.getPrivateKey(key);
                    }
                    case null -> throw new IOException(file + ": no private key");
                    default -> {} // parameters before the key
                }
            }
        }
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(US_ASCII));
    }
}
