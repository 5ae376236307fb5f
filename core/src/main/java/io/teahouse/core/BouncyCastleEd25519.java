package io.teahouse.core;

import java.security.Security;
import java.util.Objects;

/**
 * Ed25519 in plain Java, for machines without Conscrypt's native code; the library's provider is not loaded.
 *
 * <p>The library multiplies the equation by the cofactor, so it accepts some signatures of keys that are the sum of
 * a proper key and a point of small order. Nobody has such a key by accident; when one comes, the JDK decides,
 * slowly and exactly.
 */
final class BouncyCastleEd25519 implements Ed25519 {
    private final Ed25519 exact =
            new JcaEd25519(Objects.requireNonNull(Security.getProvider("SunEC"), "a JDK without its provider SunEC"));

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        var signature = new byte[Signature.LENGTH];
        org.bouncycastle.math.ec.rfc8032.Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length)
                && ((isOfPrimeOrder(publicKey) && isOfPrimeOrder(signature))
                        || exact.verify(publicKey, message, signature));
    }

    /** Tells whether the first 32 bytes are a point without a part of small order: then the cofactor changes nothing. */
    private static boolean isOfPrimeOrder(byte[] point) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(point, 0);
    }
}
