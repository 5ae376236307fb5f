package io.teahouse.core;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Ed25519 of a provider that is handed over and not registered, so that nothing else in the process meets it.
 *
 * <p>Makes a new {@link Signature} for each call: with Conscrypt that costs 0.1 of 50 microseconds, less than
 * keeping one for each thread is worth.
 */
final class JcaEd25519 implements Ed25519 {
    private static final String ALGORITHM = "Ed25519";

    /** What stands before the 32 bytes of a public key in a SubjectPublicKeyInfo (RFC 8410, section 4). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    /** What stands before the 32 bytes of a secret key in a OneAsymmetricKey (RFC 8410, section 7). */
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final Provider provider;
    private final KeyFactory keys;

    JcaEd25519(Provider provider) {
        this.provider = provider;
        try {
            this.keys = KeyFactory.getInstance(ALGORITHM, provider);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("provider: %s (expected: one with Ed25519)".formatted(provider), e);
        }
    }

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        try {
            var signer = Signature.getInstance(ALGORITHM, provider);
            signer.initSign(keys.generatePrivate(new PKCS8EncodedKeySpec(concatenated(PKCS8_PREFIX, seed))));
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("%s cannot sign by Ed25519".formatted(provider), e);
        }
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            var verifier = Signature.getInstance(ALGORITHM, provider);
            verifier.initVerify(keys.generatePublic(new X509EncodedKeySpec(concatenated(X509_PREFIX, publicKey))));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeySpecException | InvalidKeyException | SignatureException e) {
            return false; // no point, or otherwise past what this provider takes for a key or signature
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("%s cannot verify by Ed25519".formatted(provider), e);
        }
    }

    private static byte[] concatenated(byte[] prefix, byte[] key) {
        var both = new byte[prefix.length + key.length];
        System.arraycopy(prefix, 0, both, 0, prefix.length);
        System.arraycopy(key, 0, both, prefix.length, key.length);
        return both;
    }
}
