package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.Provider;
import java.security.Security;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Asks all implementations about the same signatures, honest and crafted, and wants the verdict of the strict rules
 * from each: which one runs must not change who may log in.
 */
class StrictVerificationTest {
    private static final byte[] MESSAGE = CraftedSignature.MESSAGE;
    private static final SecretKey OTHER_KEY = SecretKey.fromBytes("another of thirty-two characters".getBytes(UTF_8));
    private static final SecretKey KEY = SecretKey.fromBytes(new byte[SecretKey.LENGTH]);

    private static final List<CraftedSignature> WITH_PARTS_OF_SMALL_ORDER = withPartsOfSmallOrder();

    private static List<CraftedSignature> withPartsOfSmallOrder() {
        var random = new Random(20);
        return IntStream.range(0, 32)
                .mapToObj(round -> CraftedSignature.of(
                        new BigInteger(250, random), round % 8, new BigInteger(250, random), round / 8 % 2))
                .toList();
    }

    enum Implementation {
        CONSCRYPT {
            @Override
            Ed25519 make() {
                return new JcaEd25519(Conscrypt.newProvider());
            }
        },
        BOUNCY_CASTLE {
            @Override
            Ed25519 make() {
                return new BouncyCastleEd25519();
            }
        },
        JDK {
            @Override
            Ed25519 make() {
                Provider sunEc = Objects.requireNonNull(Security.getProvider("SunEC"));
                return new JcaEd25519(sunEc);
            }
        };

        abstract Ed25519 make();
    }

    /** The implementations do some of our checks too; this one does none. */
    private static final class YesMan implements Ed25519 {
        @Override
        public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
            return new byte[Signature.LENGTH];
        }

        @Override
        public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
            return true;
        }
    }

    @Test
    void ourOwnChecksHangOnNoImplementation() {
        byte[] point = Edwards25519.BASE.encoded();
        var yesMan = new YesMan();

        assertThat(passes(point, point, Edwards25519.ORDER.subtract(BigInteger.ONE), yesMan))
                .isTrue();
        assertThat(passes(point, point, Edwards25519.ORDER, yesMan)).isFalse();
        assertThat(passes(point, point, Edwards25519.ORDER.add(BigInteger.TWO.pow(64)), yesMan))
                .isFalse();
        assertThat(passes(point, point, BigInteger.TWO.pow(253), yesMan)).isFalse();
        assertThat(passes(point, point, BigInteger.TWO.pow(256).subtract(BigInteger.ONE), yesMan))
                .isFalse();
        assertThat(CompressedPointTest.smallOrderEncodings())
                .noneMatch(encoding -> passes(encoding, point, BigInteger.ONE, yesMan))
                .noneMatch(encoding -> passes(point, encoding, BigInteger.ONE, yesMan));
    }

    private static boolean passes(byte[] key, byte[] point, BigInteger s, Ed25519 implementation) {
        var crafted = CraftedSignature.of(key, point, s);
        return crafted.key().verify(MESSAGE, crafted.signature(), implementation);
    }

    @Test
    void theFastestIsConscryptWhereItRuns() {
        assertThat(Ed25519.fastest()).isInstanceOf(JcaEd25519.class);
    }

    @ParameterizedTest
    @EnumSource
    void recordedSignaturesAreMadeAndAccepted(Implementation implementation) throws FormatException {
        var ed25519 = implementation.make();
        for (Recorded recorded : Recorded.all().toList()) {
            byte[] message = HexFormat.of().parseHex(recorded.messageHex);
            byte[] signed = ed25519.sign(
                    recorded.key.toBytes(), recorded.key.endpointId().toBytes(), message);

            assertThat(signed).as(recorded.toString()).isEqualTo(recorded.signature.toBytes());
            assertThat(recorded.key.endpointId().verify(message, recorded.signature, ed25519))
                    .as(recorded.toString())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anySingleBitChangedAnywhereIsRefused(Implementation implementation) throws FormatException {
        var ed25519 = implementation.make();
        byte[] good = KEY.sign(MESSAGE).toBytes();
        for (int bit = 0; bit < Byte.SIZE * Signature.LENGTH; bit += 3) {
            byte[] changed = good.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(KEY.endpointId().verify(MESSAGE, Signature.fromBytes(changed, 0), ed25519))
                    .as("bit %d of the signature", bit)
                    .isFalse();
        }
        assertThat(KEY.endpointId().verify("Teahouse".getBytes(UTF_8), Signature.fromBytes(good, 0), ed25519))
                .isFalse();
        assertThat(OTHER_KEY.endpointId().verify(MESSAGE, Signature.fromBytes(good, 0), ed25519))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aNumberThatIsNotReducedIsRefused(Implementation implementation) {
        var ed25519 = implementation.make();
        var crafted = CraftedSignature.of(BigInteger.valueOf(7), 0, BigInteger.valueOf(9), 0);
        BigInteger s =
                Edwards25519.fromLittleEndian(crafted.signature().toBytes()).shiftRight(256);
        byte[] key = crafted.key().toBytes();
        byte[] point = Edwards25519.BASE.times(BigInteger.valueOf(9)).encoded();

        assertThat(crafted.key().verify(MESSAGE, crafted.signature(), ed25519)).isTrue();
        for (int times = 1; times <= 15; times++) {
            BigInteger larger = s.add(Edwards25519.ORDER.multiply(BigInteger.valueOf(times)));
            var notReduced = CraftedSignature.of(key, point, larger);
            assertThat(notReduced.key().verify(MESSAGE, notReduced.signature(), ed25519))
                    .as("S plus %d times the order", times)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsSignedByAKeyOfSmallOrder(Implementation implementation) {
        var ed25519 = implementation.make();
        for (byte[] key : CompressedPointTest.smallOrderEncodings()) {
            for (byte[] point : CompressedPointTest.smallOrderEncodings()) {
                var forged = CraftedSignature.of(key, point, BigInteger.ZERO);
                assertThat(forged.key().verify(MESSAGE, forged.signature(), ed25519))
                        .isFalse();
            }
            // With R and S of its own, such a key signs one message in eight.
            var nonce = BigInteger.valueOf(5);
            byte[] point = Edwards25519.BASE.times(nonce).encoded();
            var forged = CraftedSignature.of(key, point, nonce);
            assertThat(forged.key().verify(MESSAGE, forged.signature(), ed25519))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPointOfSmallOrderInTheSignatureIsRefused(Implementation implementation) {
        var ed25519 = implementation.make();
        var secret = BigInteger.valueOf(11);
        byte[] key = Edwards25519.BASE.times(secret).encoded();
        for (byte[] point : CompressedPointTest.smallOrderEncodings()) {
            BigInteger s = Edwards25519.challenge(point, key, MESSAGE).multiply(secret);
            var crafted = CraftedSignature.of(key, point, s.mod(Edwards25519.ORDER));
            assertThat(crafted.key().verify(MESSAGE, crafted.signature(), ed25519))
                    .isFalse();
        }
    }

    /** Most of these are good by the equation with the cofactor, which is not ours; some by ours as well. */
    @ParameterizedTest
    @EnumSource
    void keysAndPointsWithAPartOfSmallOrderGetTheVerdictOfTheExactEquation(Implementation implementation) {
        var ed25519 = implementation.make();
        for (CraftedSignature crafted : WITH_PARTS_OF_SMALL_ORDER) {
            assertThat(crafted.key().verify(MESSAGE, crafted.signature(), ed25519))
                    .as("%s", crafted)
                    .isEqualTo(crafted.isGoodByTheOracle());
        }
        assertThat(WITH_PARTS_OF_SMALL_ORDER.stream().filter(CraftedSignature::isGoodByTheOracle))
                .hasSizeBetween(8, 24);
    }

    @ParameterizedTest
    @EnumSource
    void anyBytesGetAVerdictAndNoException(Implementation implementation) throws FormatException {
        var ed25519 = implementation.make();
        var random = new Random(21);
        var bytes = new byte[EndpointId.LENGTH + Signature.LENGTH];
        for (int round = 0; round < 400; round++) {
            random.nextBytes(bytes);
            if (round % 2 == 0) {
                bytes[bytes.length - 1] &= 0x0f; // reduced, so that the implementation sees it
            }
            // No check of the point: neither may an unchecked id, should one come here, throw.
            var id = EndpointId.fromWords(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
            assertThat(id.verify(bytes, Signature.fromBytes(bytes, EndpointId.LENGTH), ed25519))
                    .isFalse();
        }
        var zeros = Signature.fromBytes(new byte[Signature.LENGTH], 0);
        assertThat(KEY.endpointId().verify(new byte[0], zeros, ed25519)).isFalse();
    }

    /** A signature that an iroh endpoint made, or that a relay accepted. */
    private record Recorded(SecretKey key, String messageHex, Signature signature) {
        static Stream<Recorded> all() {
            return Stream.of(
                            Vectors.ADDRESSING
                                    .cases("keys")
                                    .map(each -> of(
                                            Vectors.bytes(each, "secret_key"),
                                            Vectors.text(each, "message_utf8").getBytes(UTF_8),
                                            each)),
                            Vectors.RELAY
                                    .cases("challenge_handshake.cases")
                                    .map(each -> of(relayClientSeed(), Vectors.bytes(each, "message_to_sign"), each)),
                            Vectors.RELAY
                                    .cases("key_material_header.cases")
                                    .map(each -> of(relayClientSeed(), Vectors.bytes(each, "signed_part"), each)))
                    .flatMap(recorded -> recorded);
        }

        private static byte[] relayClientSeed() {
            return Vectors.bytes(Vectors.RELAY.cases("keys").findFirst().orElseThrow(), "secret_hex");
        }

        private static Recorded of(byte[] seed, byte[] message, JsonObject recorded) {
            try {
                return new Recorded(
                        SecretKey.fromBytes(seed),
                        HexFormat.of().formatHex(message),
                        Signature.fromBytes(Vectors.bytes(recorded, "signature"), 0));
            } catch (FormatException e) {
                throw new AssertionError(e);
            }
        }
    }
}
