package io.teahouse.relay.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys from PEM files (RFC 7468).
 *
 * <p>Netty could, but loads all of BouncyCastle for it, which takes longer than the rest of a start. Keys may be PKCS#8, PKCS#1 or SEC1, and RSA, EC or Ed25519.
 */
final class PemFiles {
    /** No certificate chain or key is nearly as large: 1 MiB. */
    static final int MAX_BYTES = 1 << 20;

    private static final System.Logger LOG = System.getLogger(PemFiles.class.getName());
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private PemFiles() {}

    /** Returns the certificates of a file, in its order, which is to be the server's own first. */
    static X509Certificate[] readCertificates(Path file) throws IOException {
        try {
            var certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(read(file)));
            if (certificates.isEmpty()) {
                throw new IOException("no certificate in it (expected: -----BEGIN CERTIFICATE-----)");
            }
            return certificates.toArray(X509Certificate[]::new);
        } catch (IOException | CertificateException e) {
            throw new IOException("failed to read certificates from " + file + ": " + reason(e), e);
        }
    }

    /** Returns the first private key of a file. */
    static PrivateKey readPrivateKey(Path file) throws IOException {
        try {
            var found = KEY.matcher(new String(read(file), StandardCharsets.ISO_8859_1));
            if (!found.find()) {
                throw new IOException("no private key in it (expected: -----BEGIN PRIVATE KEY-----)");
            }
            return toKey(found.group(1), Base64.getMimeDecoder().decode(found.group(2)));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("failed to read secret key from " + file + ": " + reason(e), e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("%d bytes (expected: at most %d)".formatted(Files.size(file), MAX_BYTES));
        }
        return Files.readAllBytes(file);
    }

    private static PrivateKey toKey(String label, byte[] der) throws IOException {
        return switch (label) {
            case "RSA PRIVATE KEY" -> fromPkcs8(OlderKeyForms.pkcs1ToPkcs8(der));
            case "EC PRIVATE KEY" -> fromPkcs8(OlderKeyForms.sec1ToPkcs8(der));
            case "ENCRYPTED PRIVATE KEY" -> throw new IOException("the key is encrypted (expected: one that is not)");
            default -> fromPkcs8(der);
        };
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
