package io.teahouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds a name under which clients will accept a certificate, to show the operator a URL that works. */
final class CertificateName {
    /** The kind of subject alternative name that is a DNS name (RFC 5280, section 4.2.1.6). */
    private static final Integer DNS_NAME = 2;

    private CertificateName() {}

    /** The first DNS name without a wildcard in the first certificate of a PEM file, if it can be read. */
    static Optional<String> of(Path pem) {
        try (var in = Files.newInputStream(pem)) {
            if (!(CertificateFactory.getInstance("X.509").generateCertificate(in) instanceof X509Certificate leaf)) {
                return Optional.empty();
            }
            Collection<List<?>> names =
                    Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of());
            return names.stream()
                    .filter(name -> DNS_NAME.equals(name.getFirst()))
                    .map(name -> String.valueOf(name.get(1)))
                    .filter(name -> !name.contains("*"))
                    .findFirst();
        } catch (IOException | CertificateException _) {
            return Optional.empty(); // the server has its own, better words for a bad certificate
        }
    }
}
