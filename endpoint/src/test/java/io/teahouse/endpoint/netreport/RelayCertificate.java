package io.teahouse.endpoint.netreport;

import io.teahouse.tls.certificate.Credential;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * What a relay shows, and who trusts it: a certificate of an authority that was made for it.
 *
 * @param credential of the relay
 * @param anchors    with which it is trusted
 */
record RelayCertificate(Credential credential, Set<TrustAnchor> anchors) {
    private static final X500Name AUTHORITY = new X500Name("CN=authority");

    /** Makes one for names and addresses. */
    static RelayCertificate of(String... names) {
        try {
            var authorityKey = key();
            var authority = sign(AUTHORITY, authorityKey, authorityKey, new BasicConstraints(true), List.of());
            var key = key();
            var leaf = sign(
                    new X500Name("CN=relay"), key, authorityKey, new BasicConstraints(false), Arrays.asList(names));
            return new RelayCertificate(
                    Credential.of(List.of(leaf, authority), key.getPrivate()),
                    Set.of(new TrustAnchor(authority, null)));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair key() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(
            X500Name subject, KeyPair key, KeyPair issuer, BasicConstraints constraints, List<String> names)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                AUTHORITY,
                BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(30))),
                subject,
                key.getPublic());
        builder.addExtension(Extension.basicConstraints, true, constraints);
        if (!names.isEmpty()) {
            var alternatives = names.stream()
                    .map(name -> new GeneralName(
                            name.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName, name))
                    .toArray(GeneralName[]::new);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }
}
