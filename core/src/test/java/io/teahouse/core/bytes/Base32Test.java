package io.teahouse.core.bytes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Base32Test {
    /** RFC 4648, section 10, in lower case and without padding. */
    @ParameterizedTest
    @CsvSource({"'', ''", "f, my", "fo, mzxq", "foo, mzxw6", "foob, mzxw6yq", "fooba, mzxw6ytb", "foobar, mzxw6ytboi"})
    void theExamplesOfTheRfcAreWrittenAndRead(String plain, String encoded) {
        assertThat(Base32.RFC4648.encode(plain.getBytes(US_ASCII))).isEqualTo(encoded);
        assertThat(Base32.RFC4648.decode(encoded)).hasValue(plain.getBytes(US_ASCII));
        assertThat(Base32.RFC4648.decode(encoded.toUpperCase(Locale.ROOT))).hasValue(plain.getBytes(US_ASCII));
        assertThat(Base32.lengthOf(plain.length())).isEqualTo(encoded.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m",
                "mzx",
                "mzxw6y",
                "my======",
                "a",
                "aaa",
                "aaaaaa",
                "mz",
                "mzxr",
                "m1",
                "m0",
                "m8",
                "mzxw6yt=",
                " my",
                "my ",
                "mý",
                "mſ",
                "mK"
            })
    void whatNobodyWritesIsNotRead(String text) {
        assertThat(Base32.RFC4648.decode(text)).isEmpty();
    }

    @Test
    void zBase32IsReadInLowerCaseOnly() {
        assertThat(Base32.Z.encode(new byte[] {0, (byte) 0xff})).isEqualTo("yd9o");
        assertThat(Base32.Z.decode("yd9o")).hasValue(new byte[] {0, (byte) 0xff});
        assertThat(Base32.Z.decode("YD9O")).isEmpty();
        assertThat(Base32.Z.decode("ydl0")).isEmpty();
    }

    @Property
    void whatIsWrittenIsRead(@ForAll byte[] bytes) {
        for (Base32 alphabet : List.of(Base32.RFC4648, Base32.Z)) {
            String text = alphabet.encode(bytes);
            assertThat(text).hasSize(Base32.lengthOf(bytes.length));
            assertThat(alphabet.decode(text)).hasValue(bytes);
        }
    }

    @Property
    void whatIsReadIsWrittenTheSameOrNothingIsRead(@ForAll String text) {
        Base32.RFC4648
                .decode(text)
                .ifPresent(bytes -> assertThat(Base32.RFC4648.encode(bytes)).isEqualTo(text.toLowerCase(Locale.ROOT)));
        Base32.Z
                .decode(text)
                .ifPresent(bytes -> assertThat(Base32.Z.encode(bytes)).isEqualTo(text));
    }
}
