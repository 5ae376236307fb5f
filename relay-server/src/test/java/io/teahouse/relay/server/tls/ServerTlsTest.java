package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.conversation.Heard;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestKeyForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes through memory between the JDK's engine as a client and the server's, BoringSSL's where it loads. */
class ServerTlsTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();
    private final SSLContext clients = AUTHORITY.clientContext();

    @TempDir
    private Path directory;

    private ServerTls tls;
    private FileKeeper keeper;
    private final List<SSLEngine> engines = new ArrayList<>();

    /** One connection: its handshake, and what the server knows of its session. */
    private record Connection(EngineHandshake handshake, TlsSession session, SSLEngine client) {}

    @BeforeEach
    void load() throws IOException {
        load(AUTHORITY.issue(directory, "localhost"));
    }

    @AfterEach
    void free() {
        engines.forEach(ReferenceCountUtil::release);
        close();
    }

    private void close() {
        keeper.close();
        tls.close();
    }

    @Test
    void theEngineIsBoringSslHere() {
        assertThat(OpenSsl.isAvailable()).isTrue();
        assertThat(OpenSsl.versionString()).isEqualTo("BoringSSL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
    void bothEndsExportTheSameUnderTls13(String cipherSuite) throws Exception {
        var connection = connect("TLSv1.3", cipherSuite);
        connection.handshake.run();
        assertThat(connection.client.getSession().getCipherSuite()).isEqualTo(cipherSuite);

        for (int i = 0; i < 3; i++) {
            var context = newPublicKey();
            assertThat(connection.session.exporter().export(context)).hasValue(exportOfClient(connection, context));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"})
    void aResumedSessionHasKeyingMaterialOfItsOwn(String cipherSuite) throws Exception {
        var context = newPublicKey();
        var first = connect("TLSv1.3", cipherSuite);
        first.handshake.run();

        var resumed = connect("TLSv1.3", cipherSuite);
        resumed.handshake.run();

        assertThat(resumed.handshake.serversFlightBytes()).isLessThan(first.handshake.serversFlightBytes() / 2);
        assertThat(resumed.session.exporter().export(context)).hasValue(exportOfClient(resumed, context));
        assertThat(exportOfClient(resumed, context)).isNotEqualTo(exportOfClient(first, context));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
            })
    void underTls12ThereIsNothingToExport(String cipherSuite) throws Exception {
        var connection = connect("TLSv1.2", cipherSuite);
        connection.handshake.run();
        assertThat(connection.client.getSession().getProtocol()).isEqualTo("TLSv1.2");

        assertThat(connection.session.exporter().export(newPublicKey())).isEmpty();
    }

    @Test
    void beforeTheHandshakeThereIsNothingToExport() throws Exception {
        var connection = connect("TLSv1.3", "TLS_AES_128_GCM_SHA256");

        assertThat(connection.session.exporter().export(newPublicKey())).isEmpty();
    }

    @Test
    void whatWasForgottenIsNotExported() throws Exception {
        var connection = connect("TLSv1.3", "TLS_AES_128_GCM_SHA256");
        connection.handshake.run();
        var exporter = connection.session.exporter();
        assertThat(exporter.export(newPublicKey())).isPresent();

        connection.session.forget();
        connection.session.forget();

        assertThat(exporter.export(newPublicKey())).isEmpty();
        assertThat(connection.session.exporter().export(newPublicKey())).isEmpty();
    }

    @Test
    void whatIsForgottenBeforeTheHandshakeIsNotKeptByIt() throws Exception {
        var connection = connect("TLSv1.3", "TLS_AES_128_GCM_SHA256");
        connection.session.forget();

        connection.handshake.run();

        assertThat(connection.session.exporter().export(newPublicKey())).isEmpty();
    }

    @Test
    void sessionsAreNotConfused() throws Exception {
        var connections = new ArrayList<Connection>();
        for (int i = 0; i < 20; i++) {
            connections.add(connect("TLSv1.3", i % 2 == 0 ? "TLS_AES_128_GCM_SHA256" : "TLS_AES_256_GCM_SHA384"));
        }
        for (var connection : connections) {
            connection.handshake.run();
        }
        connections.get(7).session.forget();
        connections.remove(7);

        var context = newPublicKey();
        for (var connection : connections) {
            assertThat(connection.session.exporter().export(context)).hasValue(exportOfClient(connection, context));
        }
    }

    @Test
    void sessionsOfTheOldCertificateAndOfTheNewHaveTheirKeyingMaterial() throws Exception {
        var open = connect("TLSv1.3", "TLS_AES_128_GCM_SHA256");
        open.handshake.run();
        var underWay = connect("TLSv1.3", "TLS_AES_256_GCM_SHA384");
        AUTHORITY.issue(directory, TestKeyForm.RSA_PKCS8, List.of("localhost"));

        assertThat(keeper.reload()).isTrue();

        var next = connect("TLSv1.3", "TLS_AES_128_GCM_SHA256");
        underWay.handshake.run();
        next.handshake.run();
        for (var connection : List.of(open, underWay, next)) {
            var context = newPublicKey();
            assertThat(connection.session.exporter().export(context)).hasValue(exportOfClient(connection, context));
        }
        assertThat(keyAlgorithm(underWay)).isEqualTo("EC");
        assertThat(keyAlgorithm(next)).isEqualTo("RSA");
    }

    @Test
    void aCertificateThatGrowsOldWhileItIsInForceIsWarnedOfEvenIfItsFilesAreNotWatched() throws Exception {
        var name = "old." + directory.getFileName() + ".test";
        var now = new AtomicReference<>(Instant.now());
        var clock = (InstantSource) now::get;
        try (var log = new Heard();
                var own = FileKeeper.load(source(AUTHORITY.issue(directory, name)), tls, clock)) {
            own.lookAfter();
            assertThat(log.messages(Level.WARNING, name)).isEmpty();

            now.set(now.get().plus(Duration.ofDays(17)));
            own.lookAfter();
            own.lookAfter();
            assertThat(log.messages(Level.WARNING, name)).hasSize(1);
            now.set(now.get().plus(Duration.ofDays(1)));
            own.lookAfter();
            assertThat(log.messages(Level.WARNING, name)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsTrustCertificatesOfAllForms(TestKeyForm form) throws Exception {
        close();
        load(AUTHORITY.issue(directory, form, List.of("localhost")));

        for (var protocol : List.of("TLSv1.3", "TLSv1.2")) {
            var connection = connect(protocol);
            connection.handshake.run();
            assertThat(connection.client.getSession().getPeerCertificates()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
            })
    void suitesWithoutForwardSecrecyOrAuthenticatedEncryptionAreRefused(String cipherSuite) throws Exception {
        close();
        load(AUTHORITY.issue(directory, TestKeyForm.RSA_PKCS8, List.of("localhost")));

        assertThatExceptionOfType(SSLException.class)
                .isThrownBy(() -> connect("TLSv1.2", cipherSuite).handshake.run());
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, P256_PKCS8",
        "TLSv1.3, RSA_PKCS8",
        "TLSv1.3, ED25519_PKCS8",
        "TLSv1.2, P256_PKCS8",
        "TLSv1.2, RSA_PKCS8"
    })
    void theJdksEngineExportsByItself(String protocol, TestKeyForm form) throws Exception {
        var files = AUTHORITY.issue(directory, form, List.of("localhost"));
        var certificate = ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));
        var manager = new OnlyKey(certificate.key(), certificate.chain().toArray(X509Certificate[]::new));
        var context = SSLContext.getInstance("TLS");
        context.init(manager.engineGetKeyManagers(), null, new SecureRandom());
        var server = context.createSSLEngine();
        server.setUseClientMode(false);
        var client = client(protocol);
        var handshake = new EngineHandshake(client, server);
        var session = SessionSecrets.OF_JDK.session(server);
        var key = newPublicKey();
        assertThat(session.exporter().export(key)).isEmpty();

        handshake.run();

        assertThat(session.exporter().export(key))
                .hasValue(handshake.exportOfClient(KeyMaterialExporter.LABEL, key, KeyMaterialExporter.LENGTH));
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        var one = AUTHORITY.issue(Files.createDirectory(directory.resolve("one")), "localhost");
        for (var form : List.of(TestKeyForm.P256_PKCS8, TestKeyForm.RSA_PKCS8, TestKeyForm.ED25519_PKCS8)) {
            var other = AUTHORITY.issue(directory, form, List.of("localhost"));
            var mixed = new TestCertificateAuthority.ServerFiles(one.chain(), other.privateKey());

            assertThatIOException()
                    .isThrownBy(() -> FileKeeper.load(source(mixed), tls))
                    .withMessage(
                            "tls config: the key in %s does not belong to the first certificate in %s",
                            other.privateKey(), one.chain());
        }
    }

    private void load(TestCertificateAuthority.ServerFiles files) throws IOException {
        tls = new ServerTls();
        keeper = FileKeeper.load(source(files), tls);
    }

    private static CertificateSource.Files source(TestCertificateAuthority.ServerFiles files) {
        return new CertificateSource.Files(files.chain(), files.privateKey(), Optional.empty());
    }

    private Connection connect(String protocol, String... cipherSuites) {
        var handler = tls.newHandler(UnpooledByteBufAllocator.DEFAULT);
        engines.add(handler.engine());
        var client = client(protocol, cipherSuites);
        return new Connection(new EngineHandshake(client, handler.engine()), tls.session(handler), client);
    }

    private SSLEngine client(String protocol, String... cipherSuites) {
        var client = clients.createSSLEngine("localhost", 443);
        client.setUseClientMode(true);
        client.setEnabledProtocols(new String[] {protocol});
        if (cipherSuites.length > 0) {
            client.setEnabledCipherSuites(cipherSuites);
        }
        return client;
    }

    private static String keyAlgorithm(Connection connection) throws SSLException {
        return connection
                .client
                .getSession()
                .getPeerCertificates()[0]
                .getPublicKey()
                .getAlgorithm();
    }

    private static byte[] exportOfClient(Connection connection, byte[] context) throws SSLException {
        return connection.handshake.exportOfClient(KeyMaterialExporter.LABEL, context, KeyMaterialExporter.LENGTH);
    }

    private static byte[] newPublicKey() {
        var key = new byte[32];
        SecretKey.generate(new SecureRandom()).endpointId().writeTo(key, 0);
        return key;
    }
}
