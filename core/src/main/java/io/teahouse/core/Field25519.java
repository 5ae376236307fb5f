package io.teahouse.core;

/**
 * The integers modulo p = 2^255 - 19, as far as the check of a point needs them. For public values only: it takes
 * no care to hide them.
 *
 * <p>BouncyCastle has this too, but its jar is signed: the first class out of it costs a start 190 milliseconds of
 * CPU, and no class out of it can be kept in an archive of loaded classes.
 *
 * <p>A number is five limbs of 51 bits, lowest first. Limbs may be a little over 51 bits, below 2^52; a number may
 * be p or more.
 */
final class Field25519 {
    private static final int LIMBS = 5;
    private static final int LIMB_BITS = 51;
    private static final long LIMB_MASK = (1L << LIMB_BITS) - 1;

    /** What 2^255 is worth. */
    private static final long FOLD = 19;

    private Field25519() {}

    /** {@return the number of four words, lowest first, without the top bit} */
    static long[] of(long word0, long word1, long word2, long word3) {
        return new long[] {
            word0 & LIMB_MASK,
            ((word0 >>> 51) | (word1 << 13)) & LIMB_MASK,
            ((word1 >>> 38) | (word2 << 26)) & LIMB_MASK,
            ((word2 >>> 25) | (word3 << 39)) & LIMB_MASK,
            (word3 >>> 12) & LIMB_MASK,
        };
    }

    /** {@return the number plus a small one, which may be negative} */
    static long[] plus(long[] number, int small) {
        long[] sum = number.clone();
        sum[0] += small;
        // Twice, since what is carried out at the top comes in at the bottom.
        carry(sum);
        carry(sum);
        return sum;
    }

    static long[] times(long[] left, long[] right) {
        var product = new long[2 * LIMBS];
        for (int i = 0; i < LIMBS; i++) {
            for (int j = 0; j < LIMBS; j++) {
                product[i + j] += low(left[i], right[j]);
                product[i + j + 1] += high(left[i], right[j]);
            }
        }
        var folded = new long[LIMBS];
        for (int i = 0; i < LIMBS; i++) {
            folded[i] = product[i] + FOLD * product[i + LIMBS];
        }
        carry(folded);
        return folded;
    }

    private static void carry(long[] limbs) {
        for (int i = 0; i < LIMBS; i++) {
            long carried = limbs[i] >> LIMB_BITS;
            limbs[i] &= LIMB_MASK;
            if (i < LIMBS - 1) {
                limbs[i + 1] += carried;
            } else {
                limbs[0] += FOLD * carried;
            }
        }
    }

    /** {@return whether the number is the square of another; Euler: whether its power of (p - 1)/2 is 1, or it is 0} */
    static boolean isSquare(long[] number) {
        // (p - 1)/2 = 2^254 - 10 = 16 (2^250 - 1) + 6; powers of 2^n - 1 are built of each other.
        long[] ones2 = times(squared(number, 1), number);
        long[] ones4 = times(squared(ones2, 2), ones2);
        long[] ones5 = times(squared(ones4, 1), number);
        long[] ones10 = times(squared(ones5, 5), ones5);
        long[] ones20 = times(squared(ones10, 10), ones10);
        long[] ones40 = times(squared(ones20, 20), ones20);
        long[] ones50 = times(squared(ones40, 10), ones10);
        long[] ones100 = times(squared(ones50, 50), ones50);
        long[] ones200 = times(squared(ones100, 100), ones100);
        long[] ones250 = times(squared(ones200, 50), ones50);
        long[] power = times(squared(ones250, 4), squared(ones2, 1));
        return isNotMinusOne(power);
    }

    /** Raises to the power of 2^count. Nearly all of the work is here, so the limbs stay in registers. */
    private static long[] squared(long[] number, int count) {
        long a0 = number[0];
        long a1 = number[1];
        long a2 = number[2];
        long a3 = number[3];
        long a4 = number[4];
        for (int i = 0; i < count; i++) {
            // Each mixed product is there twice, and those of five limbs' weight or more come in again at the bottom.
            long b0 = low(a0, a0) + 2 * FOLD * (low(a1, a4) + low(a2, a3));
            long b1 = 2 * low(a0, a1) + FOLD * (2 * low(a2, a4) + low(a3, a3));
            long b2 = 2 * low(a0, a2) + low(a1, a1) + 2 * FOLD * low(a3, a4);
            long b3 = 2 * (low(a0, a3) + low(a1, a2)) + FOLD * low(a4, a4);
            long b4 = 2 * (low(a0, a4) + low(a1, a3)) + low(a2, a2);
            b1 += high(a0, a0) + 2 * FOLD * (high(a1, a4) + high(a2, a3));
            b2 += 2 * high(a0, a1) + FOLD * (2 * high(a2, a4) + high(a3, a3));
            b3 += 2 * high(a0, a2) + high(a1, a1) + 2 * FOLD * high(a3, a4);
            b4 += 2 * (high(a0, a3) + high(a1, a2)) + FOLD * high(a4, a4);
            b0 += FOLD * (2 * (high(a0, a4) + high(a1, a3)) + high(a2, a2));
            b1 += b0 >>> LIMB_BITS;
            b2 += b1 >>> LIMB_BITS;
            b3 += b2 >>> LIMB_BITS;
            b4 += b3 >>> LIMB_BITS;
            a0 = (b0 & LIMB_MASK) + FOLD * (b4 >>> LIMB_BITS);
            a1 = b1 & LIMB_MASK;
            a2 = b2 & LIMB_MASK;
            a3 = b3 & LIMB_MASK;
            a4 = b4 & LIMB_MASK;
        }
        return new long[] {a0, a1, a2, a3, a4};
    }

    /** {@return the low 51 bits of a product of two limbs} */
    private static long low(long left, long right) {
        return left * right & LIMB_MASK;
    }

    /** {@return what lies above them: the high word of (2^12 left)(2 right), as both factors fit into 64 bits} */
    private static long high(long left, long right) {
        return Math.unsignedMultiplyHigh(left << 12, right << 1);
    }

    /** Tells whether a number that is 0, 1 or -1 is not -1. */
    private static boolean isNotMinusOne(long[] number) {
        long[] reduced = plus(number, 0);
        boolean isMinusOne = reduced[0] == LIMB_MASK - FOLD;
        for (int i = 1; i < LIMBS; i++) {
            isMinusOne &= reduced[i] == LIMB_MASK;
        }
        return !isMinusOne;
    }
}
