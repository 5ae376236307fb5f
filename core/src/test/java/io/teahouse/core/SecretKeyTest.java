package io.teahouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SecretKeyTest {
    static Stream<JsonObject> keysHaveTheRecordedIds() {
        return Vectors.RELAY.cases("keys");
    }

    @ParameterizedTest
    @MethodSource
    void keysHaveTheRecordedIds(JsonObject recorded) throws FormatException {
        var key = SecretKey.parse(Vectors.text(recorded, "secret_hex"));

        assertThat(key.endpointId()).hasToString(Vectors.text(recorded, "public_hex"));
        assertThat(key.toBytes()).isEqualTo(Vectors.bytes(recorded, "secret_hex"));
        assertThat(SecretKey.parse(Vectors.text(recorded, "secret_base32"))).isEqualTo(key);
        assertThat(SecretKey.fromBytes(key.toBytes())).isEqualTo(key).hasSameHashCodeAs(key);
    }

    @Test
    void bytesThatAreNoPointAreASecretKeyAllTheSame() throws FormatException {
        var key = SecretKey.parse("0200000000000000000000000000000000000000000000000000000000000000");

        assertThat(key.endpointId()).hasToString("6b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc");
    }

    @Test
    void aGeneratedKeySignsWhatItsIdVerifies() throws FormatException {
        var key = SecretKey.generate(new SecureRandom());
        byte[] message = {1, 2, 3};

        var signature = key.sign(message);

        assertThat(key.endpointId().verify(message, signature)).isTrue();
        assertThat(signature).isEqualTo(Signature.fromBytes(signature.toBytes(), 0));
        assertThat(SecretKey.generate(new SecureRandom())).isNotEqualTo(key);
    }

    @Test
    void neitherTextNorErrorsTellTheSecret() {
        var secret = "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a";

        assertThatThrownBy(() -> SecretKey.parse(secret.replaceFirst("a", "A")))
                .isInstanceOf(FormatException.class)
                .message()
                .startsWith("failed to decode hex string")
                .doesNotContain("2a");
        assertThatThrownBy(() -> SecretKey.parse(secret.substring(1)))
                .isInstanceOf(FormatException.class)
                .message()
                .startsWith("invalid length")
                .doesNotContain("2a");
        assertThatThrownBy(() -> SecretKey.parse("1" + "a".repeat(51)))
                .isInstanceOf(FormatException.class)
                .message()
                .startsWith("failed to decode base32 string")
                .doesNotContain("aa");
    }

    @Test
    void aKeyShowsWhoseItIsAndNothingElse() throws FormatException {
        var key = SecretKey.parse("2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a");

        assertThat(key).hasToString("secret key of 197f6b23e1");
    }

    @Test
    void theCallersArrayMayChangeLater() throws FormatException {
        var seed = new byte[SecretKey.LENGTH];
        var key = SecretKey.fromBytes(seed);
        seed[0] = 1;
        key.toBytes()[0] = 1;

        assertThat(key.toBytes()).containsOnly(0);
    }

    @Test
    void anyOtherNumberOfBytesIsTheCallersMistake() {
        assertThatThrownBy(() -> SecretKey.fromBytes(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("seed: 31 bytes (expected: 32)");
        assertThatThrownBy(() -> Signature.fromBytes(new byte[70], 7))
                .isInstanceOf(FormatException.class)
                .hasMessage("signature: 63 bytes (expected: 64)");
    }
}
