package io.teahouse.cli;

import io.teahouse.cli.text.AddressText;
import java.io.IOException;
import java.net.InetAddress;
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
    // Kinds of subject alternative names (RFC 5280, section 4.2.1.6).
    private static final Integer DNS_NAME = 2;
    private static final Integer IP_ADDRESS = 7;

    private CertificateName() {}

    /**
     * The first DNS name without a wildcard in the first certificate of a PEM file, else its first address, as URLs
     * write it; empty if there is neither, or the file cannot be read.
     */
    static Optional<String> of(Path pem) {
        try (var in = Files.newInputStream(pem)) {
            if (!(CertificateFactory.getInstance("X.509").generateCertificate(in) instanceof X509Certificate leaf)) {
                return Optional.empty();
            }
            Collection<List<?>> names =
                    Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of());
            return first(names, DNS_NAME).or(() -> first(names, IP_ADDRESS).map(CertificateName::host));
        } catch (IOException | CertificateException _) {
            return Optional.empty(); // the server has its own, better words for a bad certificate
        }
    }

    private static Optional<String> first(Collection<List<?>> names, Integer kind) {
        return names.stream()
                .filter(name -> kind.equals(name.getFirst()))
                .map(name -> String.valueOf(name.get(1)))
                .filter(name -> !name.contains("*"))
                .findFirst();
    }

    private static String host(String ip) {
        return AddressText.host(InetAddress.ofLiteral(ip));
    }
}
