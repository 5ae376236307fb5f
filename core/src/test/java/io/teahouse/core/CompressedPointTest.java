package io.teahouse.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Compares the checks on words with the curve's formulas in plain integers. */
class CompressedPointTest {
    private static final BigInteger TWO_255 = BigInteger.TWO.pow(255);

    /** Every way to write one of the eight points: y or, where it fits, y + p, with the sign bit clear and set. */
    static List<byte[]> smallOrderEncodings() {
        var encodings = new ArrayList<byte[]>();
        var torsion = Edwards25519.ofOrderEight();
        // One of each pair of negatives, since the sign bit is set by hand.
        for (int factor = 0; factor <= 4; factor++) {
            BigInteger y = torsion.times(BigInteger.valueOf(factor)).y();
            for (BigInteger written = y; written.compareTo(TWO_255) < 0; written = written.add(Edwards25519.P)) {
                encodings.add(Edwards25519.littleEndian(written));
                encodings.add(Edwards25519.littleEndian(written.add(TWO_255)));
            }
        }
        return encodings;
    }

    @Test
    void fourteenEncodingsAreOfSmallOrderAndAllAreOnTheCurve() {
        assertThat(smallOrderEncodings()).hasSize(14).allSatisfy(encoding -> {
            assertThat(isSmallOrder(encoding)).isTrue();
            assertThat(isOnCurve(encoding)).isTrue();
            assertThat(Edwards25519.decode(encoding).orElseThrow().isSmallOrder())
                    .isTrue();
        });
    }

    @Test
    void oneBitBesideTheSignMakesASmallOrderEncodingAnotherPointOrNone() {
        for (byte[] encoding : smallOrderEncodings()) {
            for (int bit = 0; bit < 255; bit++) {
                byte[] changed = encoding.clone();
                changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                boolean expected = Edwards25519.decode(changed)
                        .map(Edwards25519.Point::isSmallOrder)
                        .orElse(false);
                assertThat(isSmallOrder(changed)).as("bit %d", bit).isEqualTo(expected);
            }
        }
    }

    @Test
    void smallNumbersAndThoseAroundThePrimeAreOnTheCurveWhenTheFormulaSaysSo() {
        for (int offset = -40; offset < 40; offset++) {
            for (BigInteger around : List.of(BigInteger.ZERO, Edwards25519.P, TWO_255)) {
                byte[] encoding = Edwards25519.littleEndian(around.add(BigInteger.valueOf(offset)));
                assertThat(isOnCurve(encoding))
                        .as("%d from %s", offset, around)
                        .isEqualTo(Edwards25519.decode(encoding).isPresent());
            }
        }
    }

    @Property
    void anyBytesAreOnTheCurveWhenTheFormulaSaysSo(@ForAll @Size(32) byte[] bytes) {
        assertThat(isOnCurve(bytes)).isEqualTo(Edwards25519.decode(bytes).isPresent());
        assertThat(isSmallOrder(bytes))
                .isEqualTo(Edwards25519.decode(bytes)
                        .map(Edwards25519.Point::isSmallOrder)
                        .orElse(false));
    }

    private static boolean isOnCurve(byte[] bytes) {
        long[] words = words(bytes);
        return CompressedPoint.isOnCurve(words[0], words[1], words[2], words[3]);
    }

    private static boolean isSmallOrder(byte[] bytes) {
        long[] words = words(bytes);
        return CompressedPoint.isSmallOrder(words[0], words[1], words[2], words[3]);
    }

    private static long[] words(byte[] bytes) {
        var words = new long[4];
        for (int index = 0; index < bytes.length; index++) {
            words[index / 8] = (words[index / 8] << Byte.SIZE) | Byte.toUnsignedInt(bytes[index]);
        }
        return words;
    }
}
