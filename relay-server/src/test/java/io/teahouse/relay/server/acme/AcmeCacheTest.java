package io.teahouse.relay.server.acme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.teahouse.relay.server.CertificateSource.Acme;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay leaves to the next one, be that ours or iroh's (iroh relay server spec, section 3.1). */
class AcmeCacheTest {
    @TempDir
    private Path directory;

    private Acme source(String... names) {
        return new Acme(List.of(names), "ops@teahouse.test", Acme.LETS_ENCRYPT, directory.resolve("certs"), List.of());
    }

    @Test
    void namesOfFilesTellContactNamesAndAuthority() throws Exception {
        var cache = new AcmeCache(source("a.example", "b.example"));

        assertThat(cache.accountFile())
                .hasFileName("cached_account_"
                        + hash("mailto:ops@teahouse.test\0https://acme-v02.api.letsencrypt.org/directory"));
        assertThat(cache.certificateFile())
                .hasFileName(
                        "cached_cert_" + hash("a.example\0b.example\0https://acme-v02.api.letsencrypt.org/directory"));
        assertThat(cache.certificateFile())
                .isNotEqualTo(new AcmeCache(source("b.example", "a.example")).certificateFile());
    }

    private static String hash(String text) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        return Base64.getUrlEncoder().encodeToString(digest).replace("=", "");
    }

    @Test
    void accountKeysAre138BytesWithTheirPublicHalf() throws Exception {
        var cache = new AcmeCache(source("a.example"));
        assertThat(cache.readAccount()).isEmpty();
        for (int i = 0; i < 300; i++) { // some numbers are shorter than others
            var key = P256.generate();
            var der = P256.toPkcs8(key);
            assertThat(der).hasSize(138);
            expectSame(P256.fromPkcs8(der), key);
        }
        var key = P256.generate();

        cache.writeAccount(key);

        expectSame(cache.readAccount().orElseThrow(), key);
        assertThat(Files.size(cache.accountFile())).isEqualTo(138);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.accountFile())))
                .isEqualTo("rw-------");
    }

    @Test
    void aKeyWithoutItsPublicHalfIsUnderstood() throws Exception {
        var key = P256.generate();

        expectSame(P256.fromPkcs8(key.getPrivate().getEncoded()), key);
    }

    private static void expectSame(KeyPair read, KeyPair written) {
        assertThat(number(read.getPrivate())).isEqualTo(number(written.getPrivate()));
        assertThat(read.getPublic()).isEqualTo(written.getPublic());
    }

    private static BigInteger number(PrivateKey key) {
        return ((ECPrivateKey) key).getS();
    }

    @Test
    void whatIsNoAccountKeyIsNotReplacedInSilence() throws Exception {
        var cache = new AcmeCache(source("a.example"));
        Files.createDirectories(directory.resolve("certs"));
        Files.writeString(cache.accountFile(), "no key");

        assertThatIOException()
                .isThrownBy(cache::readAccount)
                .withMessage("%s is no account key (expected: PKCS#8 of a P-256 key)", cache.accountFile());
    }

    @Test
    void aCertificateIsKeptBehindItsKey() throws Exception {
        var cache = new AcmeCache(source("a.example"));
        assertThat(cache.readCertificate()).isEmpty();
        var files = TestCertificateAuthority.create().issue(directory, "a.example");
        var key = P256.fromPkcs8(der(files.privateKey(), "PRIVATE KEY"));
        var leaf = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(files.chain())));

        for (int i = 0; i < 2; i++) {
            cache.writeCertificate(key, List.of(leaf, leaf));
        }

        var kept = cache.readCertificate().orElseThrow();
        assertThat(number(kept.key())).isEqualTo(number(key.getPrivate()));
        assertThat(kept.chain()).containsExactly(leaf, leaf);
        assertThat(Files.readString(cache.certificateFile()))
                .startsWith("-----BEGIN PRIVATE KEY-----\n")
                .endsWith("\n-----END CERTIFICATE-----\n");
        assertThat(der(cache.certificateFile(), "PRIVATE KEY")).hasSize(138);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.certificateFile())))
                .isEqualTo("rw-------");
        try (var all = Files.list(directory.resolve("certs"))) {
            assertThat(all).containsExactly(cache.certificateFile());
        }
    }

    private static byte[] der(Path pem, String label) throws Exception {
        var text = Files.readString(pem);
        int from = text.indexOf("-----BEGIN " + label) + 16 + label.length();
        return Base64.getMimeDecoder().decode(text.substring(from, text.indexOf("-----END " + label)));
    }
}
