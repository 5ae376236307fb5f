package io.teahouse.core.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegersTest {
    /** RFC 9000, appendix A.1, and the bounds. */
    @ParameterizedTest
    @CsvSource({
        "151288809941952652,  c2197c5eff14e88c",
        "494878333,           9d7f3e7d",
        "15293,               7bbd",
        "37,                  25",
        "0,                   00",
        "63,                  3f",
        "64,                  4040",
        "16383,               7fff",
        "16384,               80004000",
        "1073741823,          bfffffff",
        "1073741824,          c000000040000000",
        "4611686018427387903, ffffffffffffffff",
    })
    void quicsExamplesAreWrittenAndRead(long value, String hex) {
        var out = ByteBuffer.allocate(9);
        VarInt.write(value, out);

        assertThat(hex(out.flip())).isEqualTo(hex);
        assertThat(VarInt.size(value)).isEqualTo(hex.length() / 2);
        assertThat(VarInt.read(buffer(hex))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"09", "4009", "80000009", "c000000000000009"})
    void quicsLongerFormsAreReadToTheirEnd(String hex) {
        var in = buffer(hex + "ff");

        assertThat(VarInt.read(in)).isEqualTo(9);
        assertThat(in.remaining()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "40", "800000", "c0000000000000"})
    void quicsTruncatedIntegersAreLeftWhereTheyAre(String hex) {
        var in = buffer(hex);

        assertThat(VarInt.read(in)).isEqualTo(VarInt.TRUNCATED);
        assertThat(in.position()).isZero();
    }

    @Test
    void quicHasNoIntegersBeyond62Bits() {
        assertThatThrownBy(() -> VarInt.write(VarInt.MAX + 1, ByteBuffer.allocate(8)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> VarInt.size(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void quicsIntegersReadBack(@ForAll @LongRange(min = 0, max = VarInt.MAX) long value) {
        var buffer = ByteBuffer.allocate(VarInt.size(value));
        VarInt.write(value, buffer);

        assertThat(buffer.hasRemaining()).isFalse();
        assertThat(VarInt.read(buffer.flip())).isEqualTo(value);
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 00", "1, 01", "127, 7f", "128, 8001", "300, ac02", "65535, ffff03", "-1, ffffffffffffffffff01"})
    void postcardsExamplesAreWrittenAndRead(long value, String hex) {
        var out = ByteBuffer.allocate(10);
        Leb128.write(value, out);

        assertThat(hex(out.flip())).isEqualTo(hex);
        assertThat(Leb128.size(value)).isEqualTo(hex.length() / 2);
        assertThat(Leb128.read(buffer(hex), 64)).hasValue(value);
    }

    @ParameterizedTest
    @CsvSource({
        "808000,               16, 0",
        "ffff03,               16, 65535",
        "ffff04,               16, ",
        "80808000,             16, ",
        "8080808000,           32, 0",
        "ffffffff0f,           32, 4294967295",
        "ffffffff10,           32, ",
        "808080808000,         32, ",
        "80808080808080808000, 64, 0",
        "80808080808080808002, 64, ",
        "8080808080808080808000, 64, ",
        "80,                   64, ",
        "'',                   64, ",
    })
    void postcardsLongerFormsAreReadAsFarAsTheTypeGoes(String hex, int bits, Long value) {
        var expected = value == null ? OptionalLong.empty() : OptionalLong.of(value);

        assertThat(Leb128.read(buffer(hex), bits)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "01aa, 1",
        "02aabb, 2",
        "02aa, -1",
        "ffffffffffffffffff01aa, -1",
        "81808080808080808001aa, -1",
        "80, -1",
        "'', -1"
    })
    void aLengthIsNeverMoreThanWhatFollows(String hex, int length) {
        assertThat(Leb128.readLength(buffer(hex))).isEqualTo(length);
    }

    @Property
    void postcardsIntegersReadBack(@ForAll long value) {
        var buffer = ByteBuffer.allocate(Leb128.size(value));
        Leb128.write(value, buffer);

        assertThat(buffer.hasRemaining()).isFalse();
        assertThat(Leb128.read(buffer.flip(), 64)).hasValue(value);
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Property
    void anyBytesGiveAnIntegerOrNone(@ForAll byte[] bytes) {
        assertThat(VarInt.read(ByteBuffer.wrap(bytes))).isBetween(-1L, VarInt.MAX);
        Leb128.read(ByteBuffer.wrap(bytes), 16)
                .ifPresent(value -> assertThat(value).isBetween(0L, 65535L));
        Leb128.read(ByteBuffer.wrap(bytes), 32)
                .ifPresent(value -> assertThat(value).isBetween(0L, 0xffff_ffffL));
        assertThat(Leb128.readLength(ByteBuffer.wrap(bytes))).isLessThan(Math.max(1, bytes.length));
    }

    private static ByteBuffer buffer(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    private static String hex(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
