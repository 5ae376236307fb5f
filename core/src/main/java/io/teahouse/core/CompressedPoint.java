package io.teahouse.core;

/**
 * What 32 bytes tell as a compressed point of edwards25519 (RFC 8032, section 5.1.3), read leniently: y is taken
 * modulo p, and x = 0 may have the sign bit set.
 *
 * <p>Bytes come as four words, the first byte highest, as {@link EndpointId} keeps them. No library verifier applies
 * exactly these rules, which are the ones all endpoints apply, so they stand here.
 */
final class CompressedPoint {
    /** The top bit of the last byte: the sign of x. */
    private static final long SIGN_BIT = 0x80;

    /** The curve's constant d = -121665/121666. */
    private static final long[] D =
            Field25519.of(0x75eb4dca135978a3L, 0x00700a4d4141d8abL, 0x8cc740797779e898L, 0x52036cee2b6ffe73L);

    private CompressedPoint() {}

    /**
     * Tells whether there is an x with -x² + y² = 1 + dx²y², that is, whether u/v = (y² - 1)/(dy² + 1) is a square;
     * which it is when uv is one, since v is never 0.
     */
    static boolean isOnCurve(long word0, long word1, long word2, long word3) {
        long[] y = Field25519.of(
                Long.reverseBytes(word0), Long.reverseBytes(word1), Long.reverseBytes(word2), Long.reverseBytes(word3));
        long[] ySquare = Field25519.times(y, y);
        long[] u = Field25519.plus(ySquare, -1);
        long[] v = Field25519.plus(Field25519.times(D, ySquare), 1);
        return Field25519.isSquare(Field25519.times(u, v));
    }

    /**
     * Tells whether the point's order divides eight. There are eight such points; with either sign bit, and y taken
     * modulo p, seven values of y spell them.
     */
    static boolean isSmallOrder(long word0, long word1, long word2, long word3) {
        long last = word3 & ~SIGN_BIT;
        if (word1 == 0 && word2 == 0 && last == 0) {
            return word0 == 0 || word0 == 0x01L << 56;
        }
        if (word1 == -1 && word2 == -1 && last == 0xffffffffffffff7fL) { // p - 1, p = 0 and p + 1 = 1
            return word0 == 0xecffffffffffffffL || word0 == 0xedffffffffffffffL || word0 == 0xeeffffffffffffffL;
        }
        // The four points of order eight: one y, and its negative.
        return (word0 == 0x26e8958fc2b227b0L
                        && word1 == 0x45c3f489f2ef98f0L
                        && word2 == 0xd5dfac05d3c63339L
                        && last == 0xb13802886d53fc05L)
                || (word0 == 0xc7176a703d4dd84fL
                        && word1 == 0xba3c0b760d10670fL
                        && word2 == 0x2a2053fa2c39ccc6L
                        && last == 0x4ec7fd7792ac037aL);
    }
}
