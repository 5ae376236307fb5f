package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestKeyForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what operators' tools write, and says of what it cannot read in one sentence what and where it is. */
class PemFilesTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();

    @TempDir
    private Path directory;

    // ---- what is good --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void keysOfAllFormsAreReadAndBelongToTheirCertificate(TestKeyForm form) throws Exception {
        var files = AUTHORITY.issue(directory, form, List.of("localhost"));

        var key = readPrivateKey(files.privateKey());
        var chain = readCertificates(files.chain());

        assertThat(chain).hasSize(2);
        assertThat(chain.get(1)).isEqualTo(AUTHORITY.certificate());
        assertThat(belongsTo(key, chain.getFirst())).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void whatStandsAroundTheKeyAndHowLinesEndDoesNotMatter(TestKeyForm form) throws Exception {
        var files = AUTHORITY.issue(directory, form, List.of("localhost"));
        var text = Files.readString(files.privateKey());
        var expected = readPrivateKey(files.privateKey());

        for (var variant : List.of(
                "Bag Attributes\n    friendlyName: relay\u00e9\n" + text + "trailing",
                text.replace("\n", "\r\n"),
                text.stripTrailing(),
                Files.readString(files.chain()) + text)) {
            assertThat(readPrivateKey(write(variant)).getEncoded()).isEqualTo(expected.getEncoded());
        }
    }

    @Test
    void theFirstOfSeveralKeysIsTaken() throws Exception {
        var first = AUTHORITY.issue(directory, TestKeyForm.P256_PKCS8, List.of("localhost"));
        var firstText = Files.readString(first.privateKey());
        var expected = readPrivateKey(first.privateKey());
        var second = AUTHORITY.issue(directory, TestKeyForm.P256_SEC1, List.of("localhost"));

        var both = write(firstText + Files.readString(second.privateKey()));

        assertThat(readPrivateKey(both).getEncoded()).isEqualTo(expected.getEncoded());
    }

    @Test
    void certificatesMayHaveTextAroundThem() throws Exception {
        var chain = Files.readString(AUTHORITY
                .issue(directory, TestKeyForm.P256_PKCS8, List.of("localhost"))
                .chain());

        assertThat(readCertificates(write("subject=CN = relay\n" + chain.replace("-----BEGIN", "\n-----BEGIN"))))
                .hasSize(2);
    }

    @Test
    void aFileMayHoldTheKeyWithTheCertificates() throws Exception {
        var files = AUTHORITY.issue(directory, TestKeyForm.P256_SEC1_AFTER_PARAMETERS, List.of("localhost"));
        var chain = Files.readString(files.chain());
        var key = Files.readString(files.privateKey());

        assertThat(readCertificates(write(key + chain))).isEqualTo(readCertificates(files.chain()));
        assertThat(readCertificates(write(chain + key))).hasSize(2);
    }

    // ---- what is not ---------------------------------------------------------------------------------------------

    @Test
    void aMissingFileIsCalledMissing() {
        var missing = directory.resolve("no.pem");

        assertThatIOException()
                .isThrownBy(() -> readPrivateKey(missing))
                .withMessage("failed to read secret key from %s: no such file", missing);
        assertThatIOException()
                .isThrownBy(() -> readCertificates(missing))
                .withMessage("failed to read certificates from %s: no such file", missing);
    }

    @Test
    void aDirectoryIsNoFile() {
        checkKeyRefused(directory);
        checkCertificatesRefused(directory);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "hello",
                "-----BEGIN PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
            })
    void aFileWithoutAKeySaysSo(String text) throws IOException {
        var file = write(text);

        assertThatIOException()
                .isThrownBy(() -> readPrivateKey(file))
                .withMessage(
                        "failed to read secret key from %s: no private key in it (expected: -----BEGIN PRIVATE KEY-----)",
                        file);
    }

    @Test
    void aCertificateIsNoKeyAndAKeyIsNoCertificate() throws Exception {
        var files = AUTHORITY.issue(directory, TestKeyForm.P256_PKCS8, List.of("localhost"));

        assertThatIOException()
                .isThrownBy(() -> readPrivateKey(files.chain()))
                .withMessageContaining("no private key in it");
        checkCertificatesRefused(files.privateKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,00

                MIIB
                -----END RSA PRIVATE KEY-----
                """})
    void anEncryptedKeyIsCalledEncrypted(String text) throws IOException {
        var file = write(text);

        assertThatIOException()
                .isThrownBy(() -> readPrivateKey(file))
                .withMessage(
                        "failed to read secret key from %s: the key is encrypted (expected: one that is not)", file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X25519", "X448", "Ed448", "DSA", "ML-DSA-44"})
    void aKeyOfAnotherAlgorithmIsRefused(String algorithm) throws Exception {
        var key = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();

        var message = checkKeyRefused(write(pem("PRIVATE KEY", key.getEncoded())));

        assertThat(message).contains("expected: RSA, EC or Ed25519");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        var large = Files.write(directory.resolve("large.pem"), new byte[FileContents.MAX_BYTES + 1]);

        assertThatIOException()
                .isThrownBy(() -> readPrivateKey(large))
                .withMessage("failed to read secret key from %s: 1048577 bytes (expected: at most 1048576)", large);
        assertThatIOException()
                .isThrownBy(() -> readCertificates(large))
                .withMessage("failed to read certificates from %s: 1048577 bytes (expected: at most 1048576)", large);
    }

    @Test
    void alsoTheLargestFileIsLookedThroughInTime() throws IOException {
        var text = new StringBuilder(FileContents.MAX_BYTES);
        while (text.length() < FileContents.MAX_BYTES - 40) {
            text.append("-----BEGIN PRIVATE KEY-----AAAA\n");
        }

        checkKeyRefused(write(text.toString()));
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatIsCutOrSpoiltIsRefusedInOneSentenceOrStillAKey(TestKeyForm form) throws Exception {
        var text = Files.readString(
                AUTHORITY.issue(directory, form, List.of("localhost")).privateKey());
        int start = text.lastIndexOf("-----BEGIN ");
        var label = text.substring(start + 11, text.indexOf("-----\n", start));
        var der = Base64.getMimeDecoder()
                .decode(text.substring(text.indexOf("-----\n", start) + 6, text.indexOf("\n-----END", start)));
        var random = new Random(form.name().length());
        for (int length = 0; length < Math.min(der.length, 200); length++) {
            checkReadOrRefused(pem(label, Arrays.copyOf(der, length)));
        }
        for (int i = 0; i < 1000; i++) {
            var spoilt = der.clone();
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                // Mostly near the front, where the structure is.
                spoilt[random.nextInt(random.nextInt(1, spoilt.length + 1))] = (byte) random.nextInt();
            }
            checkReadOrRefused(pem(label, spoilt));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
    void anyBytesThatAreCalledAKeyAreRefusedInOneSentence(String label) throws IOException {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            var der = new byte[random.nextInt(60)];
            random.nextBytes(der);
            if (der.length > 2 && random.nextBoolean()) {
                der[0] = 0x30;
                der[1] = (byte) (der.length - 2);
                der[2] = (byte) (random.nextBoolean() ? 2 : 0x30);
            }
            checkReadOrRefused(pem(label, der));
        }
        for (var der :
                List.of("3000", "0500", "0201", "020100", "30030201", "3003020100", "30803000", "a000", "30820000")) {
            checkKeyRefused(write(pem(label, HexFormat.of().parseHex(der))));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "-----BEGIN CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
            })
    void aFileWithoutCertificatesIsRefusedInOneSentence(String text) throws IOException {
        checkCertificatesRefused(write(text));
    }

    @Test
    void aCertificateThatIsCutOrSpoiltIsRefusedInOneSentenceOrStillACertificate() throws Exception {
        var der = AUTHORITY.certificate().getEncoded();
        var random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            var spoilt = i < der.length ? Arrays.copyOf(der, i) : der.clone();
            if (i >= der.length) {
                spoilt[random.nextInt(random.nextInt(1, spoilt.length + 1))] = (byte) random.nextInt();
            }
            var file = write(pem("CERTIFICATE", spoilt));
            try {
                assertThat(readCertificates(file)).isNotEmpty();
            } catch (IOException e) {
                checkSentence(e, "failed to read certificates from " + file + ": ");
            }
        }
    }

    private static PrivateKey readPrivateKey(Path file) throws IOException {
        return PemFiles.readPrivateKey(FileContents.read(file));
    }

    private static List<X509Certificate> readCertificates(Path file) throws IOException {
        return PemFiles.readCertificates(FileContents.read(file));
    }

    private void checkReadOrRefused(String text) throws IOException {
        var file = write(text);
        try {
            assertThat(readPrivateKey(file)).isNotNull();
        } catch (IOException e) {
            checkSentence(e, "failed to read secret key from " + file + ": ");
        }
    }

    private static String checkKeyRefused(Path file) {
        var refused = assertThrows(IOException.class, () -> readPrivateKey(file));
        return checkSentence(refused, "failed to read secret key from " + file + ": ");
    }

    private static void checkCertificatesRefused(Path file) {
        var refused = assertThrows(IOException.class, () -> readCertificates(file));
        checkSentence(refused, "failed to read certificates from " + file + ": ");
    }

    /** Checks that an error is one line, with what and where, in words instead of class names. */
    private static String checkSentence(IOException e, String start) {
        var message = Objects.requireNonNull(e.getMessage());
        assertThat(message).startsWith(start).hasLineCount(1).hasSizeLessThan(start.length() + 150);
        assertThat(message.substring(start.length()))
                .isNotBlank()
                .doesNotContain("null")
                .doesNotContainPattern("(java|sun|org|io)\\.[a-z]+\\.");
        return message;
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("test.pem"), text, StandardCharsets.UTF_8);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
    }

    private static boolean belongsTo(PrivateKey key, X509Certificate certificate) throws Exception {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        var signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update((byte) 1);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update((byte) 1);
        return signature.verify(signed);
    }
}
