package io.teahouse.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    private static final List<String> KNOWN = List.of("http_bind_addr", "enable_metrics", "access", "tls");

    @ParameterizedTest
    @CsvSource({
        "http_bind_adr,   http_bind_addr",
        "http-bind-addr,  http_bind_addr",
        "httpBindAddr,    http_bind_addr",
        "HTTP_BIND_ADDR,  http_bind_addr",
        "enable_metric,   enable_metrics",
        "acess,           access",
        "acecss,          access",
        "tsl,             tls",
    })
    void aMistypedWordIsRecognised(String written, String meant) {
        assertThat(Spelling.nearest(written, KNOWN)).contains(meant);
    }

    @Test
    void aBeginningIsRecognisedIfOnlyOneWordHasIt() {
        assertThat(Spelling.nearest("enable", KNOWN)).contains("enable_metrics");
        assertThat(Spelling.nearest("enable", List.of("enable_metrics", "enable_relay_also")))
                .isEmpty();
    }

    @Test
    void aWordLikeNoOtherIsNot() {
        assertThat(Spelling.nearest("colour", KNOWN)).isEmpty();
        assertThat(Spelling.nearest("", KNOWN)).isEmpty();
        assertThat(Spelling.nearest("t", List.of("tls"))).isEmpty();
    }

    @Test
    void veryLongWordsAreNotCompared() {
        assertThat(Spelling.nearest("a".repeat(1_000_000), List.of("a".repeat(1_000_000))))
                .isEmpty();
    }

    @Property
    void oneMissingLetterIsForgiven(
            @ForAll @AlphaChars @StringLength(min = 4, max = 40) String word, @ForAll @IntRange(max = 3) int position) {
        String written = word.substring(0, position) + word.substring(position + 1);
        assertThat(Spelling.nearest(written, List.of(word))).contains(word);
    }
}
