package io.teahouse.relay.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys from PEM files (RFC 7468).
 *
 * <p>Netty could, but loads all of BouncyCastle for it, which takes longer than the rest of a start. Keys may be PKCS#8,
 * PKCS#1 or SEC1, and RSA, EC or Ed25519. Blocks of other kinds, and text around them, are skipped.
 */
final class PemFiles {
    private static final System.Logger LOG = System.getLogger(PemFiles.class.getName());
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** In a key of an older form that is encrypted (RFC 1421, section 4.6.1.1). */
    private static final String ENCRYPTED = "Proc-Type: 4,ENCRYPTED";

    private PemFiles() {}

    /** Returns the certificates of a file, in its order, which is to be the server's own first. */
    static List<X509Certificate> readCertificates(FileContents contents) throws IOException {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            var certificates = new ArrayList<X509Certificate>();
            for (var found = CERTIFICATE.matcher(contents.text()); found.find(); ) {
                certificates.add((X509Certificate)
                        factory.generateCertificate(new ByteArrayInputStream(decode(found.group(1)))));
            }
            if (certificates.isEmpty()) {
                throw new IOException("no certificate in it (expected: -----BEGIN CERTIFICATE-----)");
            }
            return List.copyOf(certificates);
        } catch (CertificateException e) {
            throw new IOException(
                    "failed to read certificates from " + contents.file() + ": a certificate in it is broken", e);
        } catch (IOException e) {
            throw new IOException("failed to read certificates from " + contents.file() + ": " + reason(e), e);
        }
    }

    /** Returns the first private key of a file. */
    static PrivateKey readPrivateKey(FileContents contents) throws IOException {
        try {
            var text = contents.text();
            var found = KEY.matcher(text);
            if (found.find()) {
                return toKey(found.group(1), decode(found.group(2)));
            }
            throw text.contains(ENCRYPTED)
                    ? encrypted()
                    : new IOException("no private key in it (expected: -----BEGIN PRIVATE KEY-----)");
        } catch (IOException e) {
            throw new IOException("failed to read secret key from " + contents.file() + ": " + reason(e), e);
        }
    }

    private static byte[] decode(String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException("a block in it is not whole (expected: Base64)", e);
        }
    }

    private static PrivateKey toKey(String label, byte[] der) throws IOException {
        return switch (label) {
            case "RSA PRIVATE KEY" -> fromPkcs8(OlderKeyForms.pkcs1ToPkcs8(der));
            case "EC PRIVATE KEY" -> fromPkcs8(OlderKeyForms.sec1ToPkcs8(der));
            case "ENCRYPTED PRIVATE KEY" -> throw encrypted();
            default -> fromPkcs8(der);
        };
    }

    private static IOException encrypted() {
        return new IOException("the key is encrypted (expected: one that is not)");
    }

    /** Returns the key, of whatever algorithm it is: only the factory of that one takes it. */
    private static PrivateKey fromPkcs8(byte[] der) throws IOException {
        for (var algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                LOG.log(System.Logger.Level.TRACE, "not a key of " + algorithm, e);
            }
        }
        throw new IOException("not a private key of a known algorithm (expected: RSA, EC or Ed25519)");
    }

    /** Returns what went wrong, in words; the JDK's exceptions for missing files carry only the name. */
    private static String reason(Exception e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "no such file";
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }
}
