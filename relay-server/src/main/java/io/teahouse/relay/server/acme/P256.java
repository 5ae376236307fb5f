package io.teahouse.relay.server.acme;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.ec.CustomNamedCurves;

/**
 * Keys on the curve P-256 as PKCS#8 with the public key in them (RFC 5915, section 3): iroh's relay refuses those without, and the
 * JDK writes none.
 */
final class P256 {
    private static final int FIELD_BYTES = 32;
    private static final int FIELD_BITS = 256;

    /** PrivateKeyInfo of version 0 for a key on P-256, up to the private number (RFC 5208, section 5, and RFC 5915). */
    private static final byte[] HEAD =
            HexFormat.of().parseHex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420");

    /** What stands between the private number and the point: tag [1], a bit string, an uncompressed point. */
    private static final byte[] MIDDLE = HexFormat.of().parseHex("a14403420004");

    private P256() {}

    static KeyPair generate() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** Returns the 138 bytes of a key. */
    static byte[] toPkcs8(KeyPair pair) {
        var point = ((ECPublicKey) pair.getPublic()).getW();
        byte[] der = Arrays.copyOf(HEAD, HEAD.length + MIDDLE.length + 3 * FIELD_BYTES);
        put(((ECPrivateKey) pair.getPrivate()).getS(), der, HEAD.length);
        System.arraycopy(MIDDLE, 0, der, HEAD.length + FIELD_BYTES, MIDDLE.length);
        put(point.getAffineX(), der, der.length - 2 * FIELD_BYTES);
        put(point.getAffineY(), der, der.length - FIELD_BYTES);
        return der;
    }

    private static void put(BigInteger number, byte[] der, int at) {
        byte[] bytes = number.toByteArray();
        // Shorter than a field, or longer by the zero of its sign.
        int length = Math.min(bytes.length, FIELD_BYTES);
        System.arraycopy(bytes, bytes.length - length, der, at + FIELD_BYTES - length, length);
    }

    /** Reads a key, with or without its public half. */
    static KeyPair fromPkcs8(byte[] der) throws GeneralSecurityException {
        var factory = KeyFactory.getInstance("EC");
        var key = (ECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
        if (key.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
            throw new GeneralSecurityException("a key on another curve");
        }
        var point =
                CustomNamedCurves.getByName("P-256").getG().multiply(key.getS()).normalize();
        var publicKey = factory.generatePublic(new ECPublicKeySpec(
                new ECPoint(
                        point.getAffineXCoord().toBigInteger(),
                        point.getAffineYCoord().toBigInteger()),
                key.getParams()));
        return new KeyPair(publicKey, key);
    }
}
