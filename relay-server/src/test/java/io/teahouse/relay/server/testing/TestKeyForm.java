package io.teahouse.relay.server.testing;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** The kinds of server key that operators have, and the forms in which their tools write them. */
public enum TestKeyForm {
    /** P-256, {@code PRIVATE KEY}: what ACME clients and {@code openssl genpkey} write. */
    P256_PKCS8,
    /** P-256, {@code PRIVATE KEY}, the public key left out: what Java writes. */
    P256_PKCS8_WITHOUT_PUBLIC_KEY,
    /** P-256, {@code EC PRIVATE KEY}: what {@code openssl ecparam -genkey -noout} writes. */
    P256_SEC1,
    /** P-256, a block {@code EC PARAMETERS} before the key: what {@code openssl ecparam -genkey} writes. */
    P256_SEC1_AFTER_PARAMETERS,
    /** P-384, {@code PRIVATE KEY}. */
    P384_PKCS8,
    /** RSA with 2048 bits, {@code PRIVATE KEY}. */
    RSA_PKCS8,
    /** RSA with 2048 bits, {@code RSA PRIVATE KEY}: what {@code openssl genrsa -traditional} writes. */
    RSA_PKCS1,
    /** Ed25519, {@code PRIVATE KEY}. */
    ED25519_PKCS8;

    KeyPair generate(SecureRandom random) {
        return switch (this) {
            case P256_PKCS8, P256_PKCS8_WITHOUT_PUBLIC_KEY, P256_SEC1, P256_SEC1_AFTER_PARAMETERS ->
                generate("EC", new ECGenParameterSpec("secp256r1"), random);
            case P384_PKCS8 -> generate("EC", new ECGenParameterSpec("secp384r1"), random);
            case RSA_PKCS8, RSA_PKCS1 ->
                generate("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4), random);
            case ED25519_PKCS8 -> generate("Ed25519", NamedParameterSpec.ED25519, random);
        };
    }

    static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters, SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("%s: this Java cannot make such a key".formatted(algorithm), e);
        }
    }

    String privateKeyPem(KeyPair keyPair) throws IOException {
        byte[] pkcs8 = keyPair.getPrivate().getEncoded();
        return switch (this) {
            case P256_PKCS8_WITHOUT_PUBLIC_KEY, RSA_PKCS8, ED25519_PKCS8 -> pem("PRIVATE KEY", pkcs8);
            case P256_PKCS8, P384_PKCS8 -> pem("PRIVATE KEY", withPublicKey(pkcs8, keyPair));
            case RSA_PKCS1 ->
                pem("RSA PRIVATE KEY", der(PrivateKeyInfo.getInstance(pkcs8).parsePrivateKey()));
            case P256_SEC1 -> pem("EC PRIVATE KEY", der(sec1(keyPair, SECObjectIdentifiers.secp256r1)));
            case P256_SEC1_AFTER_PARAMETERS ->
                pem("EC PARAMETERS", der(SECObjectIdentifiers.secp256r1))
                        + pem("EC PRIVATE KEY", der(sec1(keyPair, SECObjectIdentifiers.secp256r1)));
        };
    }

    // Java leaves the public key out, and there are servers that refuse such a key: openssl's form is the usual one.
    private static byte[] withPublicKey(byte[] pkcs8, KeyPair keyPair) throws IOException {
        var algorithm = PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm();
        return der(new PrivateKeyInfo(algorithm, sec1(keyPair, null)));
    }

    private static org.bouncycastle.asn1.sec.ECPrivateKey sec1(KeyPair keyPair, @Nullable ASN1Encodable curve) {
        var privateKey = (ECPrivateKey) keyPair.getPrivate();
        var publicKey = SubjectPublicKeyInfo.getInstance(keyPair.getPublic().getEncoded());
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                privateKey.getParams().getOrder().bitLength(), privateKey.getS(), publicKey.getPublicKeyData(), curve);
    }

    private static byte[] der(ASN1Encodable value) throws IOException {
        return value.toASN1Primitive().getEncoded("DER");
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
    }
}
