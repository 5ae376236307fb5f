package io.teahouse.tls.exchange;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** X25519 of a provider that is handed over and not registered, so that nothing else in the process meets it. */
final class JcaX25519 implements X25519 {
    private static final String ALGORITHM = "XDH";

    /** What stands before the 32 bytes of a public key in a SubjectPublicKeyInfo (RFC 8410, section 4). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    /** What stands before the 32 bytes of a secret key in a OneAsymmetricKey (RFC 8410, section 7). */
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b656e04220420");

    private final Provider provider;
    private final KeyFactory keys;

    JcaX25519(Provider provider) {
        this.provider = provider;
        try {
            this.keys = KeyFactory.getInstance(ALGORITHM, provider);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("provider: %s (expected: one with XDH)".formatted(provider), e);
        }
    }

    @Override
    public byte[] agree(byte[] secretKey, byte[] publicKey) {
        byte[] encoded = concatenated(PKCS8_PREFIX, secretKey);
        try {
            var agreement = KeyAgreement.getInstance(ALGORITHM, provider);
            agreement.init(keys.generatePrivate(new PKCS8EncodedKeySpec(encoded)));
            agreement.doPhase(keys.generatePublic(new X509EncodedKeySpec(concatenated(X509_PREFIX, publicKey))), true);
            return agreement.generateSecret();
        } catch (InvalidKeyException e) {
            return new byte[LENGTH]; // how providers say that the result is zero: any other 32 bytes are a key
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("%s cannot agree by X25519".formatted(provider), e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static byte[] concatenated(byte[] prefix, byte[] key) {
        var both = new byte[prefix.length + key.length];
        System.arraycopy(prefix, 0, both, 0, prefix.length);
        System.arraycopy(key, 0, both, prefix.length, key.length);
        return both;
    }
}
