package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a client's token is found (iroh relay spec, section 3.4). */
class RequestTokenTest {
    // ---- the header ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Bearer secret|secret",
                "bearer secret|secret",
                "BEARER secret|secret",
                "Bearer a b|a b",
                "Bearer  two| two",
                "Bearer trailing |trailing ",
                "Bearer tab\tinside|tab\tinside"
            })
    void whatStandsBehindTheFirstSpaceIsTheToken(String value, String token) {
        assertThat(RequestToken.of(headers(value), "/relay")).hasValue(token);
    }

    @Test
    void aTokenMayBeEmpty() {
        assertThat(RequestToken.of(headers("Bearer "), "/relay")).hasValue("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "Bearer\tsecret", "Basic c2VjcmV0", "Bearers secret", " Bearer secret", ""})
    void otherSchemesAreSkipped(String value) {
        assertThat(RequestToken.of(headers(value), "/relay")).isEmpty();
        assertThat(RequestToken.of(headers(value, "Bearer secret", "Bearer other"), "/relay"))
                .hasValue("secret");
        assertThat(RequestToken.of(headers(value), "/relay?token=q")).hasValue("q");
    }

    @Test
    void theNameOfTheHeaderIsTheSameInAnyCase() {
        assertThat(RequestToken.of(List.of(Map.entry("AUTHORIZATION", "Bearer secret")), "/relay"))
                .hasValue("secret");
        assertThat(RequestToken.of(List.of(Map.entry("x-authorization", "Bearer secret")), "/relay"))
                .isEmpty();
    }

    @Test
    void withABearerHeaderTheQueryIsNotLookedAt() {
        assertThat(RequestToken.of(headers("Bearer secret"), "/relay?token=q")).hasValue("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer caf\u00e9", "Basic \u00e9", "Bearer a\u0001b", "\u007f"})
    void aHeaderThatIsNoTextEndsTheSearch(String value) {
        assertThat(RequestToken.of(headers(value, "Bearer secret"), "/relay?token=q"))
                .isEmpty();
        assertThat(RequestToken.of(headers("Bearer secret", value), "/relay")).hasValue("secret");
    }

    // ---- the query -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "/relay|none",
                "/relay?|none",
                "/relay?tokens=a|none",
                "/relay?Token=a|none",
                "/relay?token=a|a",
                "/relay?x=1&token=a&token=b|a",
                "/relay?%74ok%65n=tok|tok",
                "/relay?token=%74ok|tok",
                "/relay?token=a+b|a b",
                "/relay?token=a%2Bb|a+b",
                "/relay?token=a=b|a=b",
                "/relay?&&token=a&|a",
                "/relay?token=a?b|a?b",
                "/relay?token=%|%",
                "/relay?token=%4|%4",
                "/relay?token=%zz%41|%zzA",
                "/relay?token=%C3%BC|\u00fc",
                "/relay?token=%FF|\ufffd",
                "http://relay.example/relay?token=a|a"
            })
    void withoutAHeaderTheFirstParameterOfThatNameIsTheToken(String uri, String token) {
        assertThat(RequestToken.of(List.of(), uri).orElse(null)).isEqualTo(token);
    }

    @Test
    void aParameterMayBeEmptyOrWithoutAnEqualsSign() {
        assertThat(RequestToken.of(List.of(), "/relay?token=")).hasValue("");
        assertThat(RequestToken.of(List.of(), "/relay?token")).hasValue("");
        assertThat(RequestToken.query("/relay?a&=b&c="))
                .containsExactly(Map.entry("a", ""), Map.entry("", "b"), Map.entry("c", ""));
    }

    @Test
    void parametersKeepTheirOrderAndTheirRepetitions() {
        assertThat(RequestToken.query("/relay?b=1&a=2&b=3&b=1"))
                .containsExactly(Map.entry("b", "1"), Map.entry("a", "2"), Map.entry("b", "3"), Map.entry("b", "1"));
    }

    @Property
    void whatAClientEncodesIsReadAsItWas(@ForAll @Size(max = 5) List<@StringLength(max = 10) String> texts) {
        var query = new StringBuilder("/relay?");
        var expected = new ArrayList<Map.Entry<String, String>>();
        for (int i = 0; i + 1 < texts.size(); i += 2) {
            var name = wellFormed("n" + texts.get(i));
            var value = wellFormed(texts.get(i + 1));
            query.append(URLEncoder.encode(name, StandardCharsets.UTF_8))
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .append('&');
            expected.add(Map.entry(name, value));
        }

        assertThat(RequestToken.query(query.toString())).isEqualTo(expected);
    }

    @Property
    void anyQueryIsReadAsTheJdkReadsItAsFarAsTheJdkDoes(
            @ForAll @CharRange(from = ' ', to = '~') @StringLength(max = 30) String text) {
        var value = text.replace("&", "");
        var parameters = RequestToken.query("/relay?x=" + value);

        assertThat(parameters).hasSize(1);
        try {
            assertThat(parameters.getFirst().getValue()).isEqualTo(URLDecoder.decode(value, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            // Not an escape: browsers, and so the reference, leave it as it is.
            assertThat(parameters.getFirst().getValue()).contains("%");
        }
    }

    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static List<Map.Entry<String, String>> headers(String... authorization) {
        var headers = new ArrayList<Map.Entry<String, String>>();
        headers.add(Map.entry("host", "relay.example"));
        for (var value : authorization) {
            headers.add(Map.entry("Authorization", value));
        }
        return headers;
    }
}
