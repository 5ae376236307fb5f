package io.teahouse.endpoint.netreport;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.tls.certificate.Credential;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * What a relay shows, and who trusts it.
 *
 * @param credential of the relay
 * @param anchors    with which it is trusted
 */
record RelayCertificate(Credential credential, Set<TrustAnchor> anchors) {
    static RelayCertificate of(String... names) {
        var authority = TestCertificateAuthority.create();
        try {
            var directory = Files.createTempDirectory("teahouse-netreport");
            var files = authority.issue(directory, names);
            var certificate = new RelayCertificate(
                    Credential.of(chain(files.chain()), key(files.privateKey())),
                    Set.of(new TrustAnchor(authority.certificate(), null)));
            Files.delete(files.chain());
            Files.delete(files.privateKey());
            Files.delete(directory);
            return certificate;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static List<X509Certificate> chain(Path file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }

    private static java.security.PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        var base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }
}
