package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointIdTest {
    /** What the recordings' short words for an error stand for. */
    private static final Map<String, String> ERRORS = Map.of(
            "error: hex", "failed to decode hex string",
            "error: base32", "failed to decode base32 string",
            "error: length", "invalid length",
            "error: not a curve point", "data is not a valid public key");

    static Stream<JsonObject> parsed() {
        return Vectors.ADDRESSING.cases("endpoint_id_parse");
    }

    @ParameterizedTest
    @MethodSource
    void parsed(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "input");
        if (recorded.get("ok").getAsBoolean()) {
            assertThat(EndpointId.parse(text).toBytes()).isEqualTo(Vectors.bytes(recorded, "bytes"));
        } else {
            assertThatThrownBy(() -> EndpointId.parse(text))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(Vectors.text(recorded, "error"));
        }
    }

    static Stream<JsonObject> parsedByARelay() {
        return Vectors.RELAY.cases("key_text").filter(recorded -> recorded.has("endpoint_id"));
    }

    @ParameterizedTest
    @MethodSource
    void parsedByARelay(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "text");
        String verdict = Vectors.text(recorded, "endpoint_id");
        if (!verdict.equals("ok")) {
            assertThatThrownBy(() -> EndpointId.parse(text))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(ERRORS.get(verdict));
        } else if (recorded.has("same_key_as")) {
            assertThat(EndpointId.parse(text)).isEqualTo(EndpointId.parse(keyText(recorded)));
        } else {
            assertThat(EndpointId.parse(text)).hasToString(text);
        }
    }

    static Stream<JsonObject> parsedAsZBase32ByARelay() {
        return Vectors.RELAY.cases("key_text").filter(recorded -> recorded.has("z32"));
    }

    @ParameterizedTest
    @MethodSource
    void parsedAsZBase32ByARelay(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "text");
        if (Vectors.text(recorded, "z32").equals("ok")) {
            assertThat(EndpointId.parseZBase32(text)).isEqualTo(EndpointId.parse(keyText(recorded)));
        } else {
            assertThatThrownBy(() -> EndpointId.parseZBase32(text)).isInstanceOf(FormatException.class);
        }
    }

    private static String keyText(JsonObject recorded) {
        int index = recorded.get("same_key_as").getAsInt();
        return Vectors.text(Vectors.RELAY.cases("key_text").toList().get(index), "text");
    }

    static Stream<JsonObject> written() {
        return Vectors.ADDRESSING.cases("keys");
    }

    @ParameterizedTest
    @MethodSource
    void written(JsonObject recorded) throws FormatException {
        var id = EndpointId.fromBytes(Vectors.bytes(recorded, "endpoint_id_bytes"));

        assertThat(id).hasToString(Vectors.text(recorded, "endpoint_id"));
        assertThat(id.shortForm()).isEqualTo(Vectors.text(recorded, "short"));
        assertThat(id.toZBase32()).isEqualTo(Vectors.text(recorded, "z32"));
        assertThat(EndpointId.parseZBase32(id.toZBase32())).isEqualTo(id);
        assertThat(EndpointId.parse(Vectors.text(recorded, "base32_lower_nopad")))
                .isEqualTo(id);
    }

    @Test
    void readsAndWritesWithinALargerArray() throws FormatException {
        var id = SecretKey.fromBytes(new byte[SecretKey.LENGTH]).endpointId();
        var larger = new byte[40];

        id.writeTo(larger, 3);

        assertThat(Arrays.copyOfRange(larger, 3, 35)).isEqualTo(id.toBytes());
        assertThat(Arrays.copyOf(larger, 3)).containsOnly(0);
        assertThat(Arrays.copyOfRange(larger, 35, 40)).containsOnly(0);
        assertThat(EndpointId.fromBytes(larger, 3)).isEqualTo(id);
    }

    @Test
    void writesNothingWhereThereIsNoRoom() {
        var id = SecretKey.fromBytes(new byte[SecretKey.LENGTH]).endpointId();
        var small = new byte[40];

        assertThatThrownBy(() -> id.writeTo(small, 9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(small).containsOnly(0);
    }

    @Test
    void tooFewAndTooManyBytesAreRefused() {
        assertThatThrownBy(() -> EndpointId.fromBytes(new byte[31]))
                .isInstanceOf(FormatException.class)
                .hasMessage("endpoint id: 31 bytes (expected: 32)");
        assertThatThrownBy(() -> EndpointId.fromBytes(new byte[33])).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> EndpointId.fromBytes(new byte[40], 9)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> EndpointId.fromBytes(new byte[40], 41)).isInstanceOf(FormatException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", ":", "`", "g", "A", "F", "G", "@", "\u0661", "\uff11"})
    void whatStandsBesideTheDigitsIsNoHex(String beside) {
        String text = "0".repeat(EndpointId.LENGTH * 2 - beside.getBytes(UTF_8).length) + beside;

        assertThatThrownBy(() -> EndpointId.parse(text))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("failed to decode hex string at character");
    }

    @Test
    void encodingsOfOnePointAreDifferentIds() throws FormatException {
        var y = "0100000000000000000000000000000000000000000000000000000000000000";
        var yPlusP = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";

        assertThat(EndpointId.parse(y)).isNotEqualTo(EndpointId.parse(yPlusP));
    }

    @Property
    void wordsBytesAndOrderAreThoseOfTheRawBytes(@ForAll @Size(32) byte[] left, @ForAll @Size(32) byte[] right) {
        var leftId = unchecked(left);
        var rightId = unchecked(right);

        assertThat(leftId.toBytes()).isEqualTo(left);
        assertThat(EndpointId.fromWords(leftId.word(0), leftId.word(1), leftId.word(2), leftId.word(3)))
                .isEqualTo(leftId)
                .hasSameHashCodeAs(leftId);
        assertThat(leftId.equals(rightId)).isEqualTo(Arrays.equals(left, right));
        assertThat(Integer.signum(leftId.compareTo(rightId)))
                .isEqualTo(Integer.signum(Arrays.compareUnsigned(left, right)));
    }

    @Property
    void idsThatDifferInOneByteAreOrderedByIt(@ForAll @Size(32) byte[] bytes, @ForAll byte other, @ForAll byte where) {
        byte[] changed = bytes.clone();
        changed[where & 31] = other;

        assertThat(Integer.signum(unchecked(bytes).compareTo(unchecked(changed))))
                .isEqualTo(Integer.signum(Arrays.compareUnsigned(bytes, changed)));
        assertThat(unchecked(bytes).equals(unchecked(changed))).isEqualTo(Arrays.equals(bytes, changed));
    }

    @Property
    void everyTextGivesAnIdThatItSpellsOrAFormatException(@ForAll String text) {
        assertThatParsesOrRefuses(text);
    }

    @Property
    void everyTextOfTheRightLengthGivesAnIdThatItSpellsOrAFormatException(
            @ForAll @StringLength(64) @CharRange(from = '0', to = '9') @CharRange(from = 'a', to = 'f') String hex,
            @ForAll @StringLength(51) @CharRange(from = '2', to = '7') @CharRange(from = 'a', to = 'z') String base32) {
        assertThatParsesOrRefuses(hex);
        assertThatParsesOrRefuses(base32 + 'a');
        assertThatParsesOrRefuses(base32 + 'q');
    }

    private static void assertThatParsesOrRefuses(String text) {
        try {
            var id = EndpointId.parse(text);
            assertThat(EndpointId.parse(id.toString())).isEqualTo(id);
            assertThat(EndpointId.parseZBase32(id.toZBase32())).isEqualTo(id);
            assertThat(EndpointId.isValid(id.word(0), id.word(1), id.word(2), id.word(3)))
                    .isTrue();
        } catch (FormatException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    private static EndpointId unchecked(byte[] bytes) {
        var words = new long[4];
        for (int index = 0; index < bytes.length; index++) {
            words[index / 8] = (words[index / 8] << Byte.SIZE) | Byte.toUnsignedInt(bytes[index]);
        }
        return EndpointId.fromWords(words[0], words[1], words[2], words[3]);
    }
}
