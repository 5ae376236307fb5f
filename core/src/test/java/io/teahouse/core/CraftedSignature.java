package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.Edwards25519.Point;
import java.math.BigInteger;

/**
 * A signature that no honest signer makes: key and R may each have a part of small order, and S is what would be
 * right without those parts.
 */
record CraftedSignature(EndpointId key, Signature signature, boolean isGoodByTheOracle) {
    /** What all of them sign. */
    static final byte[] MESSAGE = "teahouse".getBytes(UTF_8);

    private static final Point TORSION = Edwards25519.ofOrderEight();

    /** {@code keyPart} and {@code pointPart} times the point of order eight are added to the key and to R. */
    static CraftedSignature of(BigInteger secret, int keyPart, BigInteger nonce, int pointPart) {
        byte[] key = Edwards25519.BASE
                .times(secret)
                .plus(TORSION.times(BigInteger.valueOf(keyPart)))
                .encoded();
        byte[] point = Edwards25519.BASE
                .times(nonce)
                .plus(TORSION.times(BigInteger.valueOf(pointPart)))
                .encoded();
        BigInteger s = nonce.add(Edwards25519.challenge(point, key, MESSAGE).multiply(secret));
        return of(key, point, s.mod(Edwards25519.ORDER));
    }

    static CraftedSignature of(byte[] key, byte[] point, BigInteger s) {
        var bytes = new byte[Signature.LENGTH];
        System.arraycopy(point, 0, bytes, 0, 32);
        System.arraycopy(Edwards25519.littleEndian(s), 0, bytes, 32, 32);
        try {
            return new CraftedSignature(
                    EndpointId.fromBytes(key),
                    Signature.fromBytes(bytes, 0),
                    Edwards25519.verifyStrictly(key, MESSAGE, bytes));
        } catch (FormatException e) {
            throw new AssertionError("what was made from points has points in it", e);
        }
    }
}
