package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestCertificateAuthority.ServerFiles;
import io.teahouse.relay.server.testing.TestKeyForm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes the files of a certificate under a relay that serves, as programs that renew certificates do, and looks what clients
 * are shown (iroh relay server spec, section 3).
 */
@Conversation
@EveryTransport
class CertificateReloadConversationTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();
    private static final Duration OFTEN = Duration.ofMillis(1);

    @TempDir
    private Path directory;

    private final Heard log = new Heard();

    @Test
    void theNextClientIsShownTheNewCertificateAndOpenConnectionsForward() throws Exception {
        var files = put(pair("old"));
        try (log;
                var relay = start(files, OFTEN);
                var a = connect(relay);
                var b = connect(relay)) {
            var keyOfA = ScriptedClient.newKey();
            var keyOfB = ScriptedClient.newKey();
            a.beAdmitted(keyOfA, ProtocolVersion.V2);
            b.beAdmitted(keyOfB, ProtocolVersion.V2);
            assertThat(shown(a)).isEqualTo(leaf(pair("old")));

            put(pair("new"));
            Await.until("it is replaced", () -> Counters.of(relay).get("tls_certificate_reloads") == 1);

            expectShown(relay, "new");
            a.sendDatagram(keyOfB.endpointId(), "over the old one");
            b.expectDatagram(keyOfA.endpointId(), "over the old one");
            try (var c = connect(relay)) {
                var keyOfC = ScriptedClient.newKey();
                c.beAdmitted(keyOfC, ProtocolVersion.V2);
                c.sendDatagram(keyOfA.endpointId(), "from new to old");
                a.expectDatagram(keyOfC.endpointId(), "from new to old");
            }
            assertThat(log.messages(Level.INFO, name("new")))
                    .containsExactly("tls: certificate replaced by that for localhost, %s, valid until %s; open"
                                    .formatted(name("new"), notAfter("new"))
                            + " connections keep theirs");
        }
    }

    @Test
    void aKeyThatComesBeforeItsCertificateIsNotUsedUntilThatIsThere() throws Exception {
        var files = put(pair("old"));
        try (log;
                var relay = start(files, OFTEN)) {
            replace(files.privateKey(), pair("new").privateKey());
            Await.until("it is noticed", () -> Counters.of(relay).get("tls_certificate_reloads_failed") == 1);
            expectShown(relay, "old");
            expectShown(relay, "old");

            replace(files.chain(), pair("new").chain());
            Await.until("it is replaced", () -> Counters.of(relay).get("tls_certificate_reloads") == 1);

            expectShown(relay, "new");
            assertThat(Counters.of(relay).get("tls_certificate_reloads_failed")).isEqualTo(1);
            assertThat(warnings(files))
                    .containsExactly(
                            ("tls: certificate not replaced: tls config: the key in %2$s does not belong to the first"
                                            + " certificate in %1$s; that for localhost, %3$s, valid until %4$s, stays in force"
                                            + " until %1$s and %2$s hold a pair that can be used")
                                    .formatted(files.chain(), files.privateKey(), name("old"), notAfter("old")));
        }
    }

    @Test
    void filesThatAreCutSpoiltOrGoneLeaveTheOldCertificateInForce() throws Exception {
        var files = put(pair("old"));
        var whole = Files.readString(files.chain());
        try (log;
                var relay = start(files, OFTEN)) {
            int failed = 0;
            for (var text : List.of("", whole.substring(0, 200), whole.replace("MII", "AAA"))) {
                replace(files.chain(), Files.writeString(directory.resolve("bad"), text));
                expectFailures(relay, ++failed);
                expectShown(relay, "old");
            }
            Files.delete(files.chain());
            expectFailures(relay, ++failed);
            expectShown(relay, "old");
            int expected = failed;
            Await.until("it is said", () -> warnings(files).size() >= expected);
            var warnings = warnings(files);
            assertThat(warnings).hasSize(failed).allMatch(text -> text.contains("failed to read certificates from "));
            assertThat(warnings.getLast()).contains(": no such file; that for localhost, ");

            put(pair("old"));
            Await.until(
                    "all is well again",
                    () -> !log.messages(Level.INFO, "in force again").isEmpty());
            expectShown(relay, "old");
            assertThat(Counters.of(relay).get("tls_certificate_reloads")).isZero();
            assertThat(Counters.of(relay).get("tls_certificate_reloads_failed")).isEqualTo(failed);

            put(pair("new"));
            Await.until("it is replaced", () -> Counters.of(relay).get("tls_certificate_reloads") == 1);
            expectShown(relay, "new");
        }
    }

    @Test
    void aLinkThatIsTurnedToANewDirectoryIsFollowed() throws Exception {
        var old = pair("old").chain().getParent();
        var live = Files.createSymbolicLink(directory.resolve("live"), old);
        var files = new ServerFiles(live.resolve("server.pem"), live.resolve("server.key"));
        try (log;
                var relay = start(files, OFTEN)) {
            expectShown(relay, "old");

            var next = Files.createSymbolicLink(
                    directory.resolve("next"), pair("new").chain().getParent());
            Files.move(next, live, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

            Await.until("it is replaced", () -> Counters.of(relay).get("tls_certificate_reloads") == 1);
            expectShown(relay, "new");
        }
    }

    @Test
    void filesThatAreNotWatchedAreReadAgainWhenSomebodySaysSo() throws Exception {
        var files = put(pair("old"));
        try (log;
                var relay = RelayServer.builder()
                        .tls(tls(files))
                        .metrics(Counters.ADDRESS)
                        .start()) {
            assertThat(relay.reloadCertificate()).isFalse();

            put(pair("new"));
            expectShown(relay, "old");
            assertThat(relay.reloadCertificate()).isTrue();
            expectShown(relay, "new");
            assertThat(relay.reloadCertificate()).isFalse();

            replace(files.privateKey(), Files.writeString(directory.resolve("bad"), "no key"));
            for (int i = 1; i <= 2; i++) {
                assertThatIOException()
                        .isThrownBy(relay::reloadCertificate)
                        .withMessage(
                                "failed to read secret key from %s: no private key in it (expected: -----BEGIN PRIVATE KEY-----)",
                                files.privateKey());
                assertThat(Counters.of(relay).get("tls_certificate_reloads_failed"))
                        .isEqualTo(i);
            }
            expectShown(relay, "new");
            assertThat(Counters.of(relay).get("tls_certificate_reloads")).isEqualTo(1);
            assertThat(log.messages(Level.WARNING, files.privateKey().toString()))
                    .isEmpty();
        }
    }

    @Test
    void theMetricsSayWhenTheCertificateInForceExpires() throws Exception {
        var files = put(pair("old"));
        try (log;
                var relay = start(files, Duration.ofHours(24))) {
            assertThat(Counters.of(relay).get("tls_certificate_not_after_seconds"))
                    .isEqualTo(leaf(pair("old")).getNotAfter().toInstant().getEpochSecond());

            var next = put(issue("new", Duration.ofDays(90)));
            assertThat(relay.reloadCertificate()).isTrue();

            assertThat(Counters.of(relay).get("tls_certificate_not_after_seconds"))
                    .isEqualTo(leaf(next).getNotAfter().toInstant().getEpochSecond())
                    .isGreaterThan(leaf(pair("old")).getNotAfter().toInstant().getEpochSecond());
        }
    }

    @Test
    void aCertificateThatHasExpiredOrSoonWillIsWarnedOf() throws Exception {
        var files = put(issue("soon", Duration.ofDays(3).plusHours(1)));
        try (log;
                var relay = start(files, OFTEN)) {
            assertThat(log.messages(Level.INFO, name("soon")))
                    .containsExactly("tls: certificate for localhost, %s, valid until %s"
                            .formatted(name("soon"), notAfter("soon")));
            assertThat(log.messages(Level.WARNING, name("soon")))
                    .containsExactly("tls: renew the certificate: that for localhost, %s expires at %s, in 3 days"
                            .formatted(name("soon"), notAfter("soon")));

            put(issue("late", Duration.ofHours(-1)));
            Await.until("it is replaced", () -> Counters.of(relay).get("tls_certificate_reloads") == 1);
            assertThat(log.messages(Level.WARNING, name("late")))
                    .containsExactly(
                            "tls: renew the certificate: that for localhost, %s expired at %s; clients refuse this relay"
                                    .formatted(name("late"), notAfter("late")));
            assertThat(log.messages(Level.WARNING, "renew the certificate: that for localhost, " + name("soon")))
                    .hasSize(1);
        }
    }

    @Test
    void withoutTlsThereIsNothingToReload() throws IOException {
        try (log;
                var relay = RelayServer.builder().metrics(Counters.ADDRESS).start()) {
            assertThat(relay.reloadCertificate()).isFalse();
        }
    }

    /** A name that only this test's certificate of a kind has, so that what is logged of it can be told from the rest. */
    private String name(String kind) {
        return kind + "." + directory.getFileName() + ".test";
    }

    private ServerFiles issue(String kind, Duration lifetime) throws IOException {
        var own = Files.createDirectories(directory.resolve(kind));
        return AUTHORITY.issue(own, TestKeyForm.P256_PKCS8, List.of("localhost", name(kind)), lifetime);
    }

    /** The pair of a kind, made when it is first asked for. */
    private ServerFiles pair(String kind) throws IOException {
        var own = directory.resolve(kind);
        return Files.exists(own)
                ? new ServerFiles(own.resolve("server.pem"), own.resolve("server.key"))
                : issue(kind, Duration.ofDays(30));
    }

    /** Puts a pair where the relay finds it, each file at once; the key is there before its certificate. */
    private ServerFiles put(ServerFiles pair) throws IOException {
        var shown = new ServerFiles(directory.resolve("shown.pem"), directory.resolve("shown.key"));
        replace(shown.privateKey(), pair.privateKey());
        replace(shown.chain(), pair.chain());
        return shown;
    }

    private void replace(Path file, Path by) throws IOException {
        var copy = Files.copy(by, directory.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Tls tls(ServerFiles files) {
        return new Tls(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), files.chain(), files.privateKey());
    }

    private static RelayServer start(ServerFiles files, Duration interval) throws IOException {
        return RelayServer.builder()
                .tls(tls(files).reloadingEvery(interval))
                .metrics(Counters.ADDRESS)
                .start();
    }

    private static ScriptedClient connect(RelayServer relay) throws IOException {
        var connected = Wire.connect(relay.httpsAddress().orElseThrow(), 0);
        // A context of its own has no session to resume, in which no certificate would be shown.
        var socket = (SSLSocket)
                AUTHORITY.clientContext().getSocketFactory().createSocket(connected, "localhost", 443, true);
        return new ScriptedClient(Wire.tls(socket));
    }

    private static X509Certificate shown(ScriptedClient client) throws IOException {
        return (X509Certificate) client.wire().session().orElseThrow().getPeerCertificates()[0];
    }

    private void expectShown(RelayServer relay, String kind) throws IOException, CertificateException {
        try (var client = connect(relay)) {
            assertThat(shown(client)).isEqualTo(leaf(pair(kind)));
        }
    }

    private List<String> warnings(ServerFiles files) {
        return log.messages(Level.WARNING, files.chain().toString());
    }

    private static void expectFailures(RelayServer relay, long count) throws IOException {
        Await.until("failures: " + count, () -> Counters.of(relay).get("tls_certificate_reloads_failed") == count);
    }

    private static X509Certificate leaf(ServerFiles files) throws IOException, CertificateException {
        try (var in = Files.newInputStream(files.chain())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private String notAfter(String kind) throws IOException, CertificateException {
        return leaf(pair(kind)).getNotAfter().toInstant().toString();
    }
}
