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
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Reads certificates and private keys from PEM files (RFC 7468).
 *
 * <p>Netty could, but loads all of BouncyCastle for it. Keys may be PKCS#8, PKCS#1 or SEC1, and RSA, EC or Ed25519.
 */
final class PemFiles {
    /** No certificate chain or key is nearly as large: 1 MiB. */
    static final int MAX_BYTES = 1 << 20;

    /** RFC 8410, section 3. */
    private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

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
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("failed to read secret key from " + file + ": " + reason(e), e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("%d bytes (expected: at most %d)".formatted(Files.size(file), MAX_BYTES));
        }
        return Files.readAllBytes(file);
    }

    private static PrivateKey toKey(String label, byte[] der) throws IOException, GeneralSecurityException {
        var info = switch (label) {
            case "RSA PRIVATE KEY" ->
                wrap(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        RSAPrivateKey.getInstance(der));
            case "EC PRIVATE KEY" -> {
                var key = ECPrivateKey.getInstance(der);
                yield wrap(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
            }
            case "ENCRYPTED PRIVATE KEY" -> throw new IOException("the key is encrypted (expected: one that is not)");
            default -> PrivateKeyInfo.getInstance(der);
        };
        var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
        String name;
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            name = "RSA";
        } else if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            name = "EC";
        } else if (algorithm.equals(ED25519)) {
            name = "Ed25519";
        } else {
            throw new IOException("key of algorithm %s (expected: RSA, EC or Ed25519)".formatted(algorithm));
        }
        return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }

    private static PrivateKeyInfo wrap(AlgorithmIdentifier algorithm, ASN1Encodable key) throws IOException {
        return new PrivateKeyInfo(algorithm, key);
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
