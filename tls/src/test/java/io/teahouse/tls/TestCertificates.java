package io.teahouse.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root, one intermediate below it, and certificates of servers below that, made for the tests. */
public final class TestCertificates {
    /** When the tests take place; certificates are good for a year around it. */
    public static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    private static final KeyPair ROOT_KEY = key("P-256");
    private static final KeyPair INTERMEDIATE_KEY = key("P-384");

    /** The root. */
    public static final X509Certificate ROOT =
            new Request("root", ROOT_KEY).isIssuer().by("root", ROOT_KEY);

    /** The intermediate. */
    public static final X509Certificate INTERMEDIATE =
            new Request("intermediate", INTERMEDIATE_KEY).isIssuer().by("root", ROOT_KEY);

    /** Who trusts the root. */
    public static final Set<TrustAnchor> ANCHORS = Set.of(new TrustAnchor(ROOT, null));

    private TestCertificates() {}

    /** A chain without its root, and the key of the first one. */
    public record Chain(List<X509Certificate> certificates, PrivateKey key) {}

    /** A chain for localhost, 127.0.0.1 and ::1. */
    public static Chain localhost(String kindOfKey) {
        KeyPair pair = key(kindOfKey);
        var leaf = new Request("localhost", pair)
                .names("localhost", "127.0.0.1", "::1")
                .issue();
        return new Chain(List.of(leaf, INTERMEDIATE), pair.getPrivate());
    }

    /** A key: P-256, P-384, RSA, RSA-1024 or Ed25519. */
    public static KeyPair key(String kind) {
        try {
            var generator =
                    KeyPairGenerator.getInstance(kind.startsWith("P-") ? "EC" : kind.startsWith("RSA") ? "RSA" : kind);
            switch (kind) {
                case "P-256" -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case "P-384" -> generator.initialize(new ECGenParameterSpec("secp384r1"));
                case "RSA" -> generator.initialize(2048);
                case "RSA-1024" -> generator.initialize(1024);
                default -> {}
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(kind, e);
        }
    }

    /** What a certificate is to say. */
    public static final class Request {
        private final String subject;
        private final KeyPair pair;
        private final List<GeneralName> names = new ArrayList<>();
        private boolean isIssuer;
        private int usage = KeyUsage.digitalSignature;
        private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
        private Instant begin = NOW.minus(Duration.ofDays(180));
        private Instant end = NOW.plus(Duration.ofDays(180));

        public Request(String subject, KeyPair pair) {
            this.subject = subject;
            this.pair = pair;
        }

        Request isIssuer() {
            isIssuer = true;
            usage = KeyUsage.keyCertSign;
            return this;
        }

        public Request names(String... all) {
            for (String name : all) {
                boolean isAddress = name.contains(":") || name.matches("[0-9./]+");
                names.add(new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, name));
            }
            return this;
        }

        public Request usage(int bits) {
            usage = bits;
            return this;
        }

        public Request purpose(KeyPurposeId id) {
            purpose = id;
            return this;
        }

        public Request between(Instant first, Instant last) {
            begin = first;
            end = last;
            return this;
        }

        /** Issued by the intermediate. */
        public X509Certificate issue() {
            return by("intermediate", INTERMEDIATE_KEY);
        }

        /** Issued by whoever. */
        public X509Certificate by(String issuer, KeyPair issuerKey) {
            try {
                var builder = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuer),
                        BigInteger.valueOf(System.identityHashCode(this) + 1L),
                        Date.from(begin),
                        Date.from(end),
                        new X500Name("CN=" + subject),
                        pair.getPublic());
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isIssuer));
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                if (!isIssuer) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                if (!names.isEmpty()) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.toArray(GeneralName[]::new)));
                }
                String algorithm = switch (issuerKey.getPrivate().getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "Ed25519";
                };
                return new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder(algorithm).build(issuerKey.getPrivate())));
            } catch (OperatorCreationException | GeneralSecurityException | CertIOException e) {
                throw new IllegalStateException(subject, e);
            }
        }
    }
}
