package io.teahouse.tls.certificate;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Finds a path from a server's certificate to somebody who is trusted, by the JDK's PKIX (RFC 5280, section 6), with the time
 * as an argument. Nothing is fetched, and revocation is not looked at.
 */
final class ChainValidator {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";

    /** The place of digitalSignature among the bits of key usage. */
    private static final int DIGITAL_SIGNATURE = 0;

    /** The first byte of every certificate in DER. */
    private static final byte DER_SEQUENCE = 0x30;

    /** Certificates between the server's and the anchor. */
    private static final int INTERMEDIATES_MAX = 8;

    private final Set<TrustAnchor> anchors;

    ChainValidator(Set<TrustAnchor> anchors) {
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException("anchors: none (expected: one at least)");
        }
        this.anchors = Set.copyOf(anchors);
    }

    /** Returns the server's own certificate. */
    X509Certificate validate(List<Opaque> chain, Instant now) throws TlsException {
        var certificates = new ArrayList<X509Certificate>();
        for (Opaque each : chain) {
            certificates.add(parse(each));
        }
        X509Certificate leaf = certificates.getFirst();
        requireServerUsage(leaf);
        for (TrustAnchor anchor : anchors) {
            if (leaf.equals(anchor.getTrustedCert())) {
                requireValidAt(leaf, now);
                return leaf; // trusted by itself, as self-signed ones are
            }
        }
        try {
            var target = new X509CertSelector();
            target.setCertificate(leaf);
            var parameters = new PKIXBuilderParameters(anchors, target);
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates)));
            parameters.setDate(Date.from(now));
            parameters.setRevocationEnabled(false);
            parameters.setMaxPathLength(INTERMEDIATES_MAX);
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return leaf;
        } catch (CertPathBuilderException e) {
            requireValidAt(leaf, now); // the path fails for that, too, and the peer is to know
            throw new TlsException(alertFor(e), "certificate: no path to a trust anchor, " + reason(e));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without PKIX", e);
        } catch (RuntimeException e) {
            // The JDK is not known to throw any, but the chain may come from anybody.
            throw new TlsException(Alert.BAD_CERTIFICATE, "certificate: its path cannot be examined");
        }
    }

    private static X509Certificate parse(Opaque data) throws TlsException {
        byte[] bytes = data.toArray();
        try {
            var in = new ByteArrayInputStream(bytes);
            var certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            if (bytes[0] != DER_SEQUENCE || in.available() > 0) { // the JDK takes PEM, too
                throw new TlsException(
                        Alert.BAD_CERTIFICATE,
                        "certificate: not one in DER, or %d bytes behind it".formatted(in.available()));
            }
            return certificate;
        } catch (CertificateException | RuntimeException e) {
            // The JDK's parser is not known to throw anything else, but these bytes may come from anybody.
            throw new TlsException(Alert.BAD_CERTIFICATE, "certificate: cannot be read as X.509");
        }
    }

    private static void requireServerUsage(X509Certificate leaf) throws TlsException {
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            boolean[] usage = leaf.getKeyUsage();
            boolean isForServers = extended == null || extended.contains(SERVER_AUTH) || extended.contains(ANY_USAGE);
            boolean isForSigning = usage == null || usage[DIGITAL_SIGNATURE];
            if (!isForServers || !isForSigning) {
                throw new TlsException(
                        Alert.UNSUPPORTED_CERTIFICATE,
                        "certificate: not for a server that signs (expected: serverAuth and digitalSignature)");
            }
        } catch (CertificateParsingException e) {
            throw new TlsException(Alert.BAD_CERTIFICATE, "certificate: its usage cannot be read");
        }
    }

    private static void requireValidAt(X509Certificate certificate, Instant now) throws TlsException {
        try {
            certificate.checkValidity(Date.from(now));
        } catch (CertificateExpiredException e) {
            throw new TlsException(
                    Alert.CERTIFICATE_EXPIRED,
                    "certificate: ended %s".formatted(certificate.getNotAfter().toInstant()));
        } catch (CertificateNotYetValidException e) {
            throw new TlsException(
                    Alert.CERTIFICATE_EXPIRED,
                    "certificate: begins %s"
                            .formatted(certificate.getNotBefore().toInstant()));
        }
    }

    private static Alert alertFor(CertPathBuilderException failure) {
        if (failure.getCause() instanceof CertPathValidatorException cause) {
            var reason = cause.getReason();
            if (reason == CertPathValidatorException.BasicReason.EXPIRED
                    || reason == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
                return Alert.CERTIFICATE_EXPIRED;
            }
            if (reason != CertPathValidatorException.BasicReason.UNSPECIFIED) {
                return Alert.BAD_CERTIFICATE;
            }
        }
        return Alert.UNKNOWN_CA;
    }

    private static String reason(CertPathBuilderException failure) {
        return failure.getCause() instanceof CertPathValidatorException cause
                ? "reason " + cause.getReason()
                : "its issuer is not known";
    }
}
