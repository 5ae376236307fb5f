package io.teahouse.core;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The curve by the formulas of RFC 8032, section 5.1, in plain integers: slow, and so plain that it can be read
 * beside the document. The oracle of what a point is and which signature is good.
 */
final class Edwards25519 {
    static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);

    static final Point NEUTRAL = new Point(BigInteger.ZERO, BigInteger.ONE);
    static final Point BASE = point(
            BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P), 0);

    private Edwards25519() {}

    record Point(BigInteger x, BigInteger y) {
        Point plus(Point other) {
            BigInteger cross = D.multiply(x).multiply(other.x).multiply(y).multiply(other.y);
            BigInteger sumX = x.multiply(other.y).add(other.x.multiply(y));
            BigInteger sumY = y.multiply(other.y).add(x.multiply(other.x));
            return new Point(
                    sumX.multiply(BigInteger.ONE.add(cross).modInverse(P)).mod(P),
                    sumY.multiply(BigInteger.ONE.subtract(cross).modInverse(P)).mod(P));
        }

        Point times(BigInteger factor) {
            Point sum = NEUTRAL;
            for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
                sum = sum.plus(sum);
                if (factor.testBit(bit)) {
                    sum = sum.plus(this);
                }
            }
            return sum;
        }

        Point negated() {
            return new Point(x.negate().mod(P), y);
        }

        boolean isSmallOrder() {
            return times(BigInteger.valueOf(8)).equals(NEUTRAL);
        }

        byte[] encoded() {
            byte[] bytes = littleEndian(y);
            bytes[31] |= (byte) (x.testBit(0) ? 0x80 : 0);
            return bytes;
        }
    }

    /** A point of order eight: with it, all eight points of small order can be made. */
    static Point ofOrderEight() {
        for (long y = 2; ; y++) {
            Optional<Point> candidate = decode(littleEndian(BigInteger.valueOf(y)));
            if (candidate.isPresent()) {
                Point torsion = candidate.get().times(ORDER);
                if (!torsion.times(BigInteger.valueOf(4)).equals(NEUTRAL)) {
                    return torsion;
                }
            }
        }
    }

    /** Decodes leniently: y is taken modulo p, and x = 0 may have the sign bit set. */
    static Optional<Point> decode(byte[] encoded) {
        byte[] bytes = encoded.clone();
        int sign = bytes[31] >> 7 & 1;
        bytes[31] &= 0x7f;
        BigInteger y = fromLittleEndian(bytes).mod(P);
        BigInteger square = xSquare(y);
        boolean isSquare = square.signum() == 0
                || square.modPow(P.subtract(BigInteger.ONE).shiftRight(1), P).equals(BigInteger.ONE);
        return isSquare ? Optional.of(point(y, sign)) : Optional.empty();
    }

    private static BigInteger xSquare(BigInteger y) {
        BigInteger ySquare = y.multiply(y);
        return ySquare.subtract(BigInteger.ONE)
                .multiply(D.multiply(ySquare).add(BigInteger.ONE).modInverse(P))
                .mod(P);
    }

    private static Point point(BigInteger y, int sign) {
        BigInteger square = xSquare(y);
        BigInteger x = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
        if (!x.multiply(x).mod(P).equals(square)) {
            x = x.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P))
                    .mod(P);
        }
        return new Point(x.testBit(0) == (sign == 1) ? x : x.negate().mod(P), y);
    }

    /** The verdict by the strict rules. */
    static boolean verifyStrictly(byte[] publicKey, byte[] message, byte[] signature) {
        byte[] encodedR = Arrays.copyOf(signature, 32);
        BigInteger s = fromLittleEndian(Arrays.copyOfRange(signature, 32, 64));
        Optional<Point> key = decode(publicKey);
        Optional<Point> r = decode(encodedR);
        if (key.isEmpty() || r.isEmpty() || s.compareTo(ORDER) >= 0) {
            return false;
        }
        BigInteger k = challenge(encodedR, publicKey, message);
        return !key.get().isSmallOrder()
                && !r.get().isSmallOrder()
                && BASE.times(s).plus(key.get().times(k).negated()).equals(r.get());
    }

    static BigInteger challenge(byte[] encodedR, byte[] publicKey, byte[] message) {
        try {
            var sha512 = MessageDigest.getInstance("SHA-512");
            sha512.update(encodedR);
            sha512.update(publicKey);
            return fromLittleEndian(sha512.digest(message)).mod(ORDER);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static BigInteger fromLittleEndian(byte[] bytes) {
        var bigEndian = new byte[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            bigEndian[bytes.length - 1 - index] = bytes[index];
        }
        return new BigInteger(1, bigEndian);
    }

    /** 32 bytes. */
    static byte[] littleEndian(BigInteger number) {
        var bytes = new byte[32];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = number.shiftRight(Byte.SIZE * index).byteValue();
        }
        return bytes;
    }
}
