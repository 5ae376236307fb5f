package io.teahouse.tls.exchange;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.TlsException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.util.Arrays;

/** A curve of NIST, and points of it as they travel: 04, then both coordinates (RFC 8446, section 4.2.8.2). */
final class Curve {
    private static final byte UNCOMPRESSED = 4;

    private final NamedGroup group;
    private final ECParameterSpec parameters;
    private final int coordinateLength;

    private Curve(NamedGroup group, String name, int coordinateLength) {
        this.group = group;
        this.coordinateLength = coordinateLength;
        try {
            var found = AlgorithmParameters.getInstance("EC");
            found.init(new ECGenParameterSpec(name));
            this.parameters = found.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without " + name, e);
        }
    }

    static Curve of(NamedGroup group) {
        return switch (group) {
            case SECP256R1 -> new Curve(group, "secp256r1", 32);
            case SECP384R1 -> new Curve(group, "secp384r1", 48);
            case X25519, X25519_MLKEM768 ->
                throw new IllegalArgumentException("group: %s (expected: a curve of NIST)".formatted(group));
        };
    }

    NamedGroup group() {
        return group;
    }

    ECParameterSpec parameters() {
        return parameters;
    }

    byte[] encode(ECPoint point) {
        var bytes = new byte[1 + 2 * coordinateLength];
        bytes[0] = UNCOMPRESSED;
        write(point.getAffineX(), bytes, 1);
        write(point.getAffineY(), bytes, 1 + coordinateLength);
        return bytes;
    }

    private void write(BigInteger coordinate, byte[] out, int offset) {
        byte[] bytes = coordinate.toByteArray(); // without leading zeros, or with one for the sign
        int length = Math.min(bytes.length, coordinateLength);
        System.arraycopy(bytes, bytes.length - length, out, offset + coordinateLength - length, length);
    }

    /** Only points of the curve pass: with others the peer could learn the secret key bit by bit. */
    ECPoint decode(byte[] share) throws TlsException {
        if (share.length != 1 + 2 * coordinateLength || share[0] != UNCOMPRESSED) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "key share: %d bytes that start with %d (expected: %d and %d)"
                            .formatted(share.length, share[0], 1 + 2 * coordinateLength, UNCOMPRESSED));
        }
        var x = new BigInteger(1, Arrays.copyOfRange(share, 1, 1 + coordinateLength));
        var y = new BigInteger(1, Arrays.copyOfRange(share, 1 + coordinateLength, share.length));
        var curve = parameters.getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger right =
                x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB()).mod(p);
        if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0 || !y.multiply(y).mod(p).equals(right)) {
            throw new TlsException(Alert.ILLEGAL_PARAMETER, "key share: no point of the curve (expected: one)");
        }
        return new ECPoint(x, y);
    }
}
