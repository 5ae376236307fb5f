package io.teahouse.relay.server.tls;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Puts private keys of the older forms into PKCS#8, the only one that the JDK reads. Apart, since few files need it. */
final class OlderKeyForms {
    private OlderKeyForms() {}

    /** Returns an RSA key, given as in RFC 8017, appendix A.1.2. */
    static byte[] pkcs1ToPkcs8(byte[] der) throws IOException {
        try {
            return wrap(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                    RSAPrivateKey.getInstance(der));
        } catch (RuntimeException e) {
            throw broken("RSA PRIVATE KEY", e);
        }
    }

    /** Returns an EC key, given as in RFC 5915, with its curve. */
    static byte[] sec1ToPkcs8(byte[] der) throws IOException {
        try {
            var key = ECPrivateKey.getInstance(der);
            return wrap(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
        } catch (RuntimeException e) {
            throw broken("EC PRIVATE KEY", e);
        }
    }

    private static byte[] wrap(AlgorithmIdentifier algorithm, ASN1Encodable key) throws IOException {
        return new PrivateKeyInfo(algorithm, key).getEncoded();
    }

    /** BouncyCastle has many ways to say that something is not what it should be. */
    private static IOException broken(String label, RuntimeException cause) {
        return new IOException("the key in it is broken (expected: what %s says it is)".formatted(label), cause);
    }
}
