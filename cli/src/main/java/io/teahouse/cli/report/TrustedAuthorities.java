package io.teahouse.cli.report;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.cli.text.SmallFile.UnreadableException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Whose certificates of relays are good. */
final class TrustedAuthorities {
    private static final int FILE_BYTES_MAX = 1 << 20;

    private TrustedAuthorities() {}

    /** A file does not say whom to trust; the message says why. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * {@return those that the JDK trusts, and those of a file}
     *
     * @param file PEM with certificates
     * @throws UnusableException if it is none
     */
    static Set<TrustAnchor> with(Optional<Path> file) throws UnusableException {
        var anchors = new HashSet<>(ofTheJdk());
        if (file.isPresent()) {
            anchors.addAll(read(file.get()));
        }
        if (anchors.isEmpty()) {
            throw new UnusableException("the JDK trusts no authority (expected: --trust-ca FILE with one)");
        }
        return anchors;
    }

    private static Set<TrustAnchor> ofTheJdk() {
        var anchors = new HashSet<TrustAnchor>();
        try {
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            Arrays.stream(factory.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                    .forEach(certificate -> anchors.add(new TrustAnchor(certificate, null)));
        } catch (KeyStoreException _) {
            return Set.of(); // no such file: then it is up to --trust-ca
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without trust managers", e);
        }
        return anchors;
    }

    private static Set<TrustAnchor> read(Path file) throws UnusableException {
        var anchors = new HashSet<TrustAnchor>();
        try {
            var pem = SmallFile.read(file, FILE_BYTES_MAX).getBytes(StandardCharsets.UTF_8);
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                anchors.add(new TrustAnchor((X509Certificate) certificate, null));
            }
        } catch (UnreadableException e) {
            throw new UnusableException(
                    "%s: %s (expected: a PEM file with certificates)".formatted(file, e.getMessage()));
        } catch (CertificateException _) {
            throw new UnusableException(
                    "%s: not certificates in PEM (expected: -----BEGIN CERTIFICATE-----...)".formatted(file));
        }
        if (anchors.isEmpty()) {
            throw new UnusableException(
                    "%s: no certificate (expected: -----BEGIN CERTIFICATE-----...)".formatted(file));
        }
        return anchors;
    }
}
