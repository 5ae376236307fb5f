package io.teahouse.relay.server.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A key and the certificates that go with it, of which it has been checked that they belong together. Immutable.
 *
 * @param key   of the first certificate
 * @param chain the server's own certificate first, at least that one
 */
public record ServerCertificate(PrivateKey key, List<X509Certificate> chain) {
    /** As many names are told; some certificates have a hundred. */
    private static final int MAX_NAMES = 8;

    // Kinds of subject alternative names (RFC 5280, section 4.2.1.6).
    private static final Integer DNS_NAME = 2;
    private static final Integer IP_ADDRESS = 7;

    /**
     * Reads a file that holds key and certificates.
     *
     * @param file PEM, the server's own certificate before the others
     * @return what is in it
     * @throws IOException when it cannot be read, is not understood, or both do not belong together; the message says what and
     *                     where
     */
    public static ServerCertificate read(Path file) throws IOException {
        var contents = FileContents.read(file);
        return of(contents, contents);
    }

    /** Takes certificate and key out of what the two files hold; what is wrong with them is in the exception's message. */
    static ServerCertificate of(FileContents chainFile, FileContents keyFile) throws IOException {
        var key = PemFiles.readPrivateKey(keyFile);
        var chain = PemFiles.readCertificates(chainFile);
        var problem = "tls config: the key in %s does not belong to the first certificate in %s"
                .formatted(keyFile.file(), chainFile.file());
        try {
            if (!isPair(key, chain.getFirst())) {
                throw new IOException(problem);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(problem, e);
        }
        return new ServerCertificate(key, chain);
    }

    /**
     * {@return whether a key is that of a certificate}
     *
     * @param key         RSA, EC or Ed25519
     * @param certificate with the public key
     * @throws GeneralSecurityException when that cannot even be tried
     */
    public static boolean isPair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        var probe = new byte[32];
        var signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(probe);
        var verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(probe);
        return verifier.verify(signer.sign());
    }

    /**
     * {@return from when on clients accept it}
     */
    public Instant notBefore() {
        return chain.getFirst().getNotBefore().toInstant();
    }

    /**
     * {@return from when on clients refuse it}
     */
    public Instant notAfter() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /**
     * {@return the names and addresses that it is good for, and until when, for the log}
     */
    public String inWords() {
        return "%s, valid until %s".formatted(names(), notAfter().truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * {@return the names and addresses that it is good for, as an operator would write them}
     */
    public String names() {
        var names = alternativeNames().stream()
                .filter(name -> DNS_NAME.equals(name.getFirst()) || IP_ADDRESS.equals(name.getFirst()))
                .map(ServerCertificate::text)
                .toList();
        if (names.isEmpty()) {
            return "no name";
        }
        var shown = names.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
        return names.size() > MAX_NAMES ? "%s and %d more".formatted(shown, names.size() - MAX_NAMES) : shown;
    }

    private Collection<List<?>> alternativeNames() {
        try {
            return Optional.ofNullable(chain.getFirst().getSubjectAlternativeNames())
                    .orElse(List.of());
        } catch (CertificateParsingException _) {
            return List.of(); // clients find no name in it either
        }
    }

    private static String text(List<?> name) {
        var value = String.valueOf(name.get(1));
        return IP_ADDRESS.equals(name.getFirst()) ? InetAddress.ofLiteral(value).getHostAddress() : value;
    }
}
