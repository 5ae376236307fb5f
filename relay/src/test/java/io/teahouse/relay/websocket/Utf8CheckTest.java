package io.teahouse.relay.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** {@link Utf8Check} against the JDK's decoder, which is told to report what is malformed. */
class Utf8CheckTest {
    private static final CharsetDecoder ORACLE = UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    @Test
    void everyPairOfBytesIsJudgedAsTheJdkDoes() {
        for (int pair = 0; pair < 1 << 16; pair++) {
            checkLike((byte) (pair >>> 8), (byte) pair);
        }
    }

    @Test
    void everySequenceAtTheEdgesOfTheRulesIsJudgedAsTheJdkDoes() {
        int[] edges = {
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF
        };
        for (int a : edges) {
            for (int b : edges) {
                for (int c : edges) {
                    checkLike((byte) a, (byte) b, (byte) c);
                    for (int d : edges) {
                        checkLike((byte) a, (byte) b, (byte) c, (byte) d);
                    }
                }
            }
        }
    }

    @Test
    void everyCharacterOfUnicodeIsAccepted() {
        var check = new Utf8Check();
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                for (byte b : Character.toString(point).getBytes(UTF_8)) {
                    assertThat(check.accept(b & 0xFF)).isTrue();
                }
                assertThat(check.isComplete()).isTrue();
            }
        }
    }

    @Property(tries = 5000)
    void longerTextsAreJudgedAsTheJdkDoes(@ForAll("nearlyUtf8") byte[] bytes) {
        checkLike(bytes);
    }

    @Test
    void aResetForgetsAHalfCharacter() {
        var check = new Utf8Check();
        check.accept(0xF0);
        assertThat(check.isComplete()).isFalse();

        check.reset();

        assertThat(check.isComplete()).isTrue();
        assertThat(check.accept(0xC3)).isTrue();
        assertThat(check.accept(0x80)).isTrue(); // below what may follow F0
    }

    @Provide
    Arbitrary<byte[]> nearlyUtf8() {
        return Arbitraries.oneOf(
                        Arbitraries.strings().ofMaxLength(3).map(text -> text.getBytes(UTF_8)),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(2))
                .list()
                .ofMaxSize(10)
                .map(parts -> {
                    var all = ByteBuffer.allocate(
                            parts.stream().mapToInt(part -> part.length).sum());
                    parts.forEach(all::put);
                    return all.array();
                });
    }

    private static void checkLike(byte... bytes) {
        var check = new Utf8Check();
        boolean accepted = true;
        for (int i = 0; i < bytes.length && accepted; i++) {
            accepted = check.accept(bytes[i] & 0xFF);
        }

        ORACLE.reset();
        boolean malformed = ORACLE.decode(ByteBuffer.wrap(bytes), CharBuffer.allocate(bytes.length), true)
                .isError();
        assertThat(accepted && check.isComplete())
                .as("%s", HexFormat.of().formatHex(bytes))
                .isEqualTo(!malformed);
    }
}
