package io.teahouse.tls.exchange;

import static io.teahouse.tls.Recordings.RFC_8448;
import static io.teahouse.tls.Recordings.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.TlsException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyExchangeTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final HexFormat HEX = HexFormat.of();

    static Stream<X25519> implementations() {
        return Stream.of(
                new BouncyCastleX25519(),
                new JcaX25519(Conscrypt.newProvider()),
                new JcaX25519(Security.getProvider("SunEC")));
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesGetTheSameSecret(NamedGroup group) throws Exception {
        var client = KeyExchange.offer(group, RANDOM);

        var answer = KeyExchange.answer(group, client.share(), RANDOM);

        assertThat(client.agree(answer.share())).isEqualTo(answer.sharedSecret());
        assertThat(client.group()).isEqualTo(group);
        var other = KeyExchange.offer(group, RANDOM);
        assertThat(KeyExchange.answer(group, other.share(), RANDOM).sharedSecret())
                .isNotEqualTo(answer.sharedSecret());
    }

    @ParameterizedTest
    @EnumSource
    void aShareOfAnotherLengthIsNone(NamedGroup group) {
        byte[] share = KeyExchange.offer(group, RANDOM).share();

        for (int length : new int[] {1, share.length - 1, share.length + 1}) {
            isIllegal(() -> KeyExchange.answer(group, Arrays.copyOf(share, length), RANDOM));
            isIllegal(() -> KeyExchange.offer(group, RANDOM).agree(new byte[length]));
        }
    }

    @ParameterizedTest
    @MethodSource("implementations")
    void x25519AgreesWithRfc8448AndRfc7748(X25519 implementation) {
        var vector = RFC_8448.getAsJsonObject("full");

        assertThat(X25519.publicKey(bytes(vector, "client_private_key"))).isEqualTo(bytes(vector, "client_public_key"));
        assertThat(implementation.agree(bytes(vector, "client_private_key"), bytes(vector, "server_public_key")))
                .isEqualTo(bytes(vector, "shared_secret"));
        assertThat(implementation.agree(bytes(vector, "server_private_key"), bytes(vector, "client_public_key")))
                .isEqualTo(bytes(vector, "shared_secret"));
        // RFC 7748, section 5.2, the second one: its point has the top bit set, which does not count
        assertThat(HEX.formatHex(implementation.agree(
                        HEX.parseHex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                        HEX.parseHex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))))
                .isEqualTo("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
    }

    @Test
    void theImplementationsAgreeOnAnyBytes() {
        var random = new Random(7748);
        for (int round = 0; round < 100; round++) {
            var secret = new byte[32];
            var point = new byte[32];
            random.nextBytes(secret);
            random.nextBytes(point);
            assertThat(implementations()
                            .map(each -> HEX.formatHex(each.agree(secret, point)))
                            .distinct())
                    .hasSize(1);
        }
    }

    /** The points of small order, and one that is not reduced. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            })
    void aPointOfSmallOrderIsRefused(String point) {
        byte[] share = HEX.parseHex(point);
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);

        assertThat(implementations().map(each -> HEX.formatHex(each.agree(secret, share))))
                .containsOnly("00".repeat(32));
        isIllegal(() -> KeyExchange.answer(NamedGroup.X25519, share, RANDOM));
        isIllegal(() -> KeyExchange.offer(NamedGroup.X25519, RANDOM).agree(share));
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256R1", "SECP384R1"})
    void aPointThatIsNotOnTheCurveIsRefused(NamedGroup group) {
        byte[] share = KeyExchange.offer(group, RANDOM).share();
        share[share.length - 1] ^= 1;
        isIllegal(() -> KeyExchange.answer(group, share, RANDOM));
        isIllegal(() -> Curve.of(group).decode(share)); // before the JDK looks at it

        byte[] compressed = KeyExchange.offer(group, RANDOM).share();
        compressed[0] = 2;
        isIllegal(() -> KeyExchange.answer(group, compressed, RANDOM));

        byte[] zeros = new byte[share.length];
        zeros[0] = 4;
        isIllegal(() -> KeyExchange.answer(group, zeros, RANDOM));

        byte[] unreduced = new byte[share.length];
        Arrays.fill(unreduced, (byte) 0xff);
        unreduced[0] = 4;
        isIllegal(() -> KeyExchange.answer(group, unreduced, RANDOM));
    }

    @Test
    void aKeyOfMlKemWithCoefficientsOutOfRangeIsRefused() {
        byte[] share = KeyExchange.offer(NamedGroup.X25519_MLKEM768, RANDOM).share();
        Arrays.fill(share, 0, 3, (byte) 0xff);

        isIllegal(() -> KeyExchange.answer(NamedGroup.X25519_MLKEM768, share, RANDOM));
    }

    @Test
    void theHybridFailsIfOnlyItsPointIsBad() throws Exception {
        var client = KeyExchange.offer(NamedGroup.X25519_MLKEM768, RANDOM);
        byte[] share = client.share();
        assertThat(share).hasSize(1184 + 32);
        byte[] answer =
                KeyExchange.answer(NamedGroup.X25519_MLKEM768, share, RANDOM).share();
        assertThat(answer).hasSize(1088 + 32);

        Arrays.fill(share, 1184, share.length, (byte) 0);
        isIllegal(() -> KeyExchange.answer(NamedGroup.X25519_MLKEM768, share, RANDOM));
        Arrays.fill(answer, 1088, answer.length, (byte) 0);
        isIllegal(() -> client.agree(answer));
    }

    /** A coordinate with leading zeros keeps its length. */
    @Test
    void pointsHaveTheirLengthWhateverTheirValue() {
        for (int round = 0; round < 600; round++) {
            assertThat(KeyExchange.offer(NamedGroup.SECP256R1, RANDOM).share()).hasSize(65);
        }
    }

    private static void isIllegal(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.alert()).isEqualTo(Alert.ILLEGAL_PARAMETER));
    }
}
