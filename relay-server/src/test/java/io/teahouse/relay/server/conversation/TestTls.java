package io.teahouse.relay.server.conversation;

import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate for {@code localhost} with its key, as files, and clients that trust it. Made once for all tests. */
final class TestTls {
    private static final String HOST = "localhost";
    private static final TestTls INSTANCE = make();

    private final Path certificateFile;
    private final Path keyFile;
    private final SSLContext clients;

    private TestTls(Path certificateFile, Path keyFile, SSLContext clients) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.clients = clients;
    }

    /** A TLS listener on a free port of the loopback address that shows the certificate. */
    static RelayServerConfig.Tls server() {
        return new RelayServerConfig.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), certificateFile(), keyFile());
    }

    static Path certificateFile() {
        return INSTANCE.certificateFile;
    }

    static Path keyFile() {
        return INSTANCE.keyFile;
    }

    /** A client that trusts the certificate and nothing else; without versions it speaks those that it likes. */
    static SSLSocket client(Socket connected, String... versions) throws IOException {
        var socket = (SSLSocket) INSTANCE.clients.getSocketFactory().createSocket(connected, HOST, 443, true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    static Path writePem(Path file, String label, byte[] der) throws IOException {
        var body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
    }

    static KeyPair newKeyPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static TestTls make() {
        try {
            var pair = newKeyPair();
            var certificate = selfSigned(pair);
            var directory = Files.createTempDirectory("teahouse-tls");
            var certificateFile = writePem(directory.resolve("relay.crt"), "CERTIFICATE", certificate.getEncoded());
            Key key = pair.getPrivate();
            var keyFile = writePem(directory.resolve("relay.key"), "PRIVATE KEY", key.getEncoded());
            // In the reverse order of their making, which is the order in which they go.
            directory.toFile().deleteOnExit();
            certificateFile.toFile().deleteOnExit();
            keyFile.toFile().deleteOnExit();
            return new TestTls(certificateFile, keyFile, trusting(certificate));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("no certificate for the tests", e);
        }
    }

    private static X509Certificate selfSigned(KeyPair pair)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        var name = new X500Principal("CN=" + HOST);
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        name,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, HOST)));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private static SSLContext trusting(X509Certificate certificate) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(HOST, certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
