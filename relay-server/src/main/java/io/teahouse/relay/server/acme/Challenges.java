package io.teahouse.relay.server.acme;

import io.teahouse.relay.server.tls.AlpnChallenges;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;

/**
 * The answers that are there for an authority which validates names: one for each name under way. Safe for use by many threads.
 */
final class Challenges {
    private static final ASN1ObjectIdentifier ACME_IDENTIFIER =
            new ASN1ObjectIdentifier(TlsAlpn01Challenge.ACME_VALIDATION_OID);

    private final AlpnChallenges overTls;
    private final Map<String, String> overHttp = new ConcurrentHashMap<>();

    /** An answer that is there until this is closed. */
    @FunctionalInterface
    interface Published extends AutoCloseable {
        @Override
        void close();
    }

    Challenges(AlpnChallenges overTls) {
        this.overTls = overTls;
    }

    Optional<String> answerOverHttp(String token) {
        return Optional.ofNullable(overHttp.get(token));
    }

    /** Has the answer to a challenge ready, at the TLS port or over HTTP. */
    Published publish(String name, Challenge challenge) throws IOException {
        return switch (challenge) {
            case TlsAlpn01Challenge alpn -> {
                overTls.put(name, certificate(name, alpn.getAcmeValidation()));
                yield () -> overTls.remove(name);
            }
            case Http01Challenge http -> {
                overHttp.put(http.getToken(), http.getAuthorization());
                yield () -> overHttp.remove(http.getToken());
            }
            default -> throw new IllegalArgumentException(challenge.getType());
        };
    }

    /** Returns the certificate by which a name is proved (RFC 8737, section 3). acme4j makes it for RSA keys alone. */
    private static ServerCertificate certificate(String name, byte[] digest) throws IOException {
        var key = P256.generate();
        var self = new X500Name("CN=acme.invalid");
        var now = Instant.now();
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    self,
                    BigInteger.valueOf(now.toEpochMilli()),
                    Date.from(now.minus(Duration.ofDays(1))),
                    Date.from(now.plus(Duration.ofDays(7))),
                    self,
                    key.getPublic());
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            builder.addExtension(ACME_IDENTIFIER, true, new DEROctetString(digest));
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
            var made = CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(builder.build(signer).getEncoded()));
            return new ServerCertificate(key.getPrivate(), List.of((X509Certificate) made));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IOException("the certificate that proves %s cannot be made".formatted(name), e);
        }
    }
}
