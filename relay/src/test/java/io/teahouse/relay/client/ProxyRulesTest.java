package io.teahouse.relay.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRulesTest {
    private static final ProxyServer PROXY = ProxyServer.of("proxy.example", 3128);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    example.com              | https://example.com         | direct
                    example.com              | https://relay.example.com   | direct
                    example.com              | https://relay.example.com.  | direct
                    example.com.             | https://relay.example.com   | direct
                    .example.com             | https://relay.example.com   | direct
                    *.example.com            | https://relay.example.com   | direct
                    EXAMPLE.com              | https://relay.example.com   | direct
                    example.com              | https://notexample.com      | proxy
                    example.com              | https://example.com.evil    | proxy
                    a, b ,example.com        | https://example.com         | direct
                    *                        | https://example.com         | direct
                    example.com:443          | https://example.com         | direct
                    example.com:443          | https://example.com:8443    | proxy
                    10.0.0.0/8               | http://10.200.3.4           | direct
                    10.0.0.0/8               | http://11.0.0.1             | proxy
                    10.0.0.1                 | http://10.0.0.1:3340        | direct
                    10.0.0.1:80              | http://10.0.0.1:3340        | proxy
                    ::1                      | http://[::1]:3340           | direct
                    [::1]:3340               | http://[::1]:3340           | direct
                    fd00::/8                 | http://[fd12::9]            | direct
                    0.0.0.0/0                | http://[fd12::9]            | proxy
                    10.0.0.0/8               | http://10.example           | proxy
                    10.0.0.0/99              | http://10.0.0.1             | proxy
                    ,,:,                     | http://10.0.0.1             | proxy
                    localhost                | http://localhost:3340       | direct
                    """)
    void hostsAreExceptedAsTheListSays(String noProxy, String relay, String way) throws Exception {
        var rules = ProxyRules.of(PROXY).except(noProxy);

        assertThat(rules.proxyFor(RelayUrl.parse(relay)).isPresent()).isEqualTo(way.equals("proxy"));
    }

    @Test
    void theSchemeChoosesTheVariable() throws Exception {
        var rules = ProxyRules.ofEnvironment(
                Map.of("HTTPS_PROXY", "http://secure:1", "http_proxy", "plain:2", "NO_PROXY", "here.example"));

        assertThat(rules.proxyFor(RelayUrl.parse("https://relay.example"))).contains(ProxyServer.of("secure", 1));
        assertThat(rules.proxyFor(RelayUrl.parse("http://relay.example"))).contains(ProxyServer.of("plain", 2));
        assertThat(rules.proxyFor(RelayUrl.parse("https://here.example"))).isEmpty();
    }

    @Test
    void allProxyIsForBothAndLowerCaseGoesFirst() throws Exception {
        var rules = ProxyRules.ofEnvironment(
                Map.of("ALL_PROXY", "http://all:1", "HTTPS_PROXY", "http://upper:2", "https_proxy", "http://lower:3"));

        assertThat(rules.proxyFor(RelayUrl.parse("https://relay.example"))).contains(ProxyServer.of("lower", 3));
        assertThat(rules.proxyFor(RelayUrl.parse("http://relay.example"))).contains(ProxyServer.of("all", 1));
    }

    @Test
    void whatARequestCanSetIsNotLookedAt() throws Exception {
        var rules = ProxyRules.ofEnvironment(Map.of("REQUEST_METHOD", "GET", "HTTP_PROXY", "http://evil:1"));

        assertThat(rules.proxyFor(RelayUrl.parse("http://relay.example"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socks5://user:secret@proxy:1",
                "http://",
                "http://user:secret@proxy:99999",
                "http://user:secret@proxy:0"
            })
    void aVariableThatNamesNoProxyIsNamedAndNotRepeated(String value) {
        assertThatThrownBy(() -> ProxyRules.ofEnvironment(Map.of("https_proxy", value)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("environment variable https_proxy: proxy: ")
                .hasMessageContaining("expected")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    http://user:pass@p:1              | user:pass
                    http://user@p:1                   | user:
                    http://:pass@p:1                  | :pass
                    http://a%40b:p%3a%2F%25%20x@p:1   | a@b:p:/% x
                    http://user:p:w@p:1               | user:p:w
                    http://user:100%@p:1              | user:100%
                    http://us%C3%A9r:p@p:1            | us\u00e9r:p
                    http://us\u00e9r:\u2615@p:1       | us\u00e9r:\u2615
                    """, ignoreLeadingAndTrailingWhitespace = false)
    void credentialsOfAnyCharactersComeOutOfAUrl(String padded, String expected) throws Exception {
        var proxy = ProxyServer.parse(padded.strip());

        assertThat(decoded(proxy)).isEqualTo(expected.substring(1));
    }

    @Test
    void bytesThatAreNoTextArePassedOnAsTheyAre() throws Exception {
        var proxy = ProxyServer.parse("http://u:%FF%00@p:1");

        var bytes =
                Base64.getDecoder().decode(proxy.authorization().orElseThrow().substring("Basic ".length()));
        assertThat(new String(bytes, ISO_8859_1)).isEqualTo("u:\u00ff\u0000");
    }

    @Test
    void aNameThatCannotBeToldFromThePasswordIsRefused() {
        assertThatThrownBy(() -> PROXY.withCredentials("a:b", "c")).isInstanceOf(IllegalArgumentException.class);
        assertThat(decoded(PROXY.withCredentials("a", ":c\u2615"))).isEqualTo("a::c\u2615");
    }

    @Test
    void credentialsAreNotShown() {
        assertThat(PROXY.withCredentials("user", "secret")).hasToString("proxy.example:3128");
    }

    private static String decoded(ProxyServer proxy) {
        var value = proxy.authorization().orElseThrow();
        assertThat(value).startsWith("Basic ");
        return new String(Base64.getDecoder().decode(value.substring("Basic ".length())), UTF_8);
    }
}
