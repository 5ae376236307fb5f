package io.teahouse.relay.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/**
 * A throw-away certificate authority that signs server certificates and writes them as the PEM files that a relay
 * reads.
 *
 * <p>Its key is a P-384 key and its name has one length, always the same: with these two, tests can make programs
 * trust it that have their trusted roots compiled in, by writing it over one of them.
 *
 * <p>Immutable, and so safe to share between threads; {@link #issue} may be called by several at once as long as the
 * directories differ.
 */
public final class TestCertificateAuthority {
    private static final String SIGNATURE_ALGORITHM = "SHA384withECDSA";
    private static final Duration CLOCK_TOLERANCE = Duration.ofDays(1);
    // Short lives: these certificates end with their test.
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final KeyPair keyPair;
    private final X509Certificate certificate;
    private final SecureRandom random;

    /**
     * The files of a server certificate.
     *
     * @param chain      PEM file: the server's certificate, then the authority's
     * @param privateKey PEM file: the server's key
     */
    public record ServerFiles(Path chain, Path privateKey) {}

    private TestCertificateAuthority(KeyPair keyPair, SecureRandom random) throws IOException {
        this.keyPair = keyPair;
        this.random = random;
        this.certificate = sign(keyPair.getPublic(), name(), LIFETIME, (builder, extensions) -> {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keyPair.getPublic()));
        });
    }

    /**
     * {@return an authority with a fresh key}
     */
    public static TestCertificateAuthority create() {
        var random = new SecureRandom();
        try {
            return new TestCertificateAuthority(TestKeyForm.P384_PKCS8.generate(random), random);
        } catch (IOException e) {
            throw new UncheckedIOException("test certificate authority: cannot sign itself", e);
        }
    }

    /**
     * {@return the authority's own certificate}
     */
    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * Writes the authority's certificate for programs that read trusted roots from a file.
     *
     * @param file where to; replaced if it is there
     * @return the same file
     * @throws IOException when the file cannot be written
     */
    public Path writeCertificate(Path file) throws IOException {
        return Files.writeString(file, TestKeyForm.pem("CERTIFICATE", encoded(certificate)));
    }

    /**
     * {@return a context for clients that trust this authority and nobody else}
     */
    public SSLContext clientContext() {
        try {
            var roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            roots.setCertificateEntry("test", certificate);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), random);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("test certificate authority: no TLS context", e);
        }
    }

    /**
     * Makes a server certificate with a fresh P-256 key in PKCS#8.
     *
     * @param directory where {@code server.pem} and {@code server.key} are written; replaced if they are there
     * @param names     host names and IP addresses that the certificate is good for, at least one
     * @return the files
     * @throws IOException when a file cannot be written
     */
    public ServerFiles issue(Path directory, String... names) throws IOException {
        return issue(directory, TestKeyForm.P256_PKCS8, List.of(names));
    }

    /**
     * Makes a server certificate with a fresh key.
     *
     * @param directory where {@code server.pem} and {@code server.key} are written; replaced if they are there
     * @param keyForm   kind of the key and form of its file
     * @param names     host names and IP addresses that the certificate is good for, at least one
     * @return the files
     * @throws IOException when a file cannot be written
     */
    public ServerFiles issue(Path directory, TestKeyForm keyForm, List<String> names) throws IOException {
        return issue(directory, keyForm, names, LIFETIME);
    }

    /**
     * Makes a server certificate with a fresh key that is valid for some time.
     *
     * @param directory where {@code server.pem} and {@code server.key} are written; replaced if they are there
     * @param keyForm   kind of the key and form of its file
     * @param names     host names and IP addresses that the certificate is good for, at least one
     * @param lifetime  how long from now on it is valid; negative, by less than a day, for one that has expired
     * @return the files
     * @throws IOException when a file cannot be written
     */
    public ServerFiles issue(Path directory, TestKeyForm keyForm, List<String> names, Duration lifetime)
            throws IOException {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("names: none (expected: 1 or more)");
        }
        var serverKeys = keyForm.generate(random);
        var subject =
                new X500NameBuilder().addRDN(BCStyle.CN, "relay under test").build();
        var server = sign(serverKeys.getPublic(), subject, lifetime, (builder, extensions) -> {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(keyPair.getPublic()));
        });
        var chain = Files.writeString(
                directory.resolve("server.pem"),
                TestKeyForm.pem("CERTIFICATE", encoded(server)) + TestKeyForm.pem("CERTIFICATE", encoded(certificate)));
        var privateKey = Files.writeString(directory.resolve("server.key"), keyForm.privateKeyPem(serverKeys));
        return new ServerFiles(chain, privateKey);
    }

    /** Adds the extensions in which certificates of one kind differ from others. */
    @FunctionalInterface
    private interface ExtensionAdder {
        void addTo(X509v3CertificateBuilder builder, JcaX509ExtensionUtils extensions) throws CertIOException;
    }

    private X509Certificate sign(
            PublicKey publicKey, X500Name subject, Duration lifetime, ExtensionAdder extensionAdder)
            throws IOException {
        var now = Instant.now();
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    name(),
                    new BigInteger(127, random),
                    Date.from(now.minus(CLOCK_TOLERANCE)),
                    Date.from(now.plus(lifetime)),
                    subject,
                    publicKey);
            extensionAdder.addTo(builder, new JcaX509ExtensionUtils());
            var signer = new JcaContentSignerBuilder(SIGNATURE_ALGORITHM).build(keyPair.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("test certificate authority: cannot sign", e);
        }
    }

    // 79 bytes, as many as the root has that it is written over; all PrintableString, whose encoding is as long as
    // that of other strings but which every X.509 reader of any age takes.
    private static X500Name name() {
        return new X500NameBuilder()
                .addRDN(BCStyle.C, new DERPrintableString("US"))
                .addRDN(BCStyle.O, new DERPrintableString("Private Interop Test Authority 0"))
                .addRDN(BCStyle.CN, new DERPrintableString("Test Root CA"))
                .build();
    }

    private static GeneralNames alternativeNames(List<String> names) {
        return new GeneralNames(names.stream()
                .map(name ->
                        new GeneralName(IPAddress.isValid(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    private static byte[] encoded(X509Certificate certificate) throws IOException {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IOException("certificate: cannot be encoded", e);
        }
    }
}
