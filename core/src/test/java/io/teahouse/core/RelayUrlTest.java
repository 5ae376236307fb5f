package io.teahouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayUrlTest {
    static Stream<JsonObject> recordedUrlsAreWrittenAsRecorded() {
        return Vectors.ADDRESSING.cases("relay_url");
    }

    @ParameterizedTest
    @MethodSource
    void recordedUrlsAreWrittenAsRecorded(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "input");
        if (recorded.get("ok").getAsBoolean()) {
            assertThat(RelayUrl.parse(text)).hasToString(Vectors.text(recorded, "text"));
        } else {
            assertThatThrownBy(() -> RelayUrl.parse(text)).isInstanceOf(FormatException.class);
        }
    }

    static Stream<JsonObject> urlsAreReadAsByARelaysClient() {
        return Vectors.RELAY.cases("relay_url_text");
    }

    @ParameterizedTest
    @MethodSource
    void urlsAreReadAsByARelaysClient(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "text");
        String result = Vectors.text(recorded, "result");
        if (result.equals("error")) {
            assertThatThrownBy(() -> RelayUrl.parse(text)).isInstanceOf(FormatException.class);
        } else {
            assertThat(RelayUrl.parse(text)).hasToString(result);
        }
    }

    /** Each line was given to another implementation of the URL Standard, which wrote the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https:relay.example                 | https://relay.example/
            https:\\\\relay.example\\a\\..\\b   | https://relay.example/b
            https:////relay.example             | https://relay.example/
            HTTP://RELAY.Example:0080/%7Ea      | http://relay.example/%7Ea
            http://relay.example:/              | http://relay.example/
            http://relay.example:0/             | http://relay.example:0/
            ws://relay.example:80/a?b           | ws://relay.example/a?b
            ftp://relay.example:21              | ftp://relay.example/
            https://ex%41mple                   | https://example/
            https://relay.example/a b?c d#e f   | https://relay.example/a%20b?c%20d#e%20f
            https://relay.example/a/./b/../c/.. | https://relay.example/a/
            https://relay.example/a/%2e%2E/b/%2e | https://relay.example/b/
            https://relay.example?'"            | https://relay.example/?%27%22
            https://relay.example?              | https://relay.example/?
            https://relay.example/#             | https://relay.example/#
            https://relay.example/é?é#é         | https://relay.example/%C3%A9?%C3%A9#%C3%A9
            https://a:b@c:d@relay.example       | https://a:b%40c%3Ad@relay.example/
            https://a:@relay.example            | https://a@relay.example/
            https://:@relay.example             | https://relay.example/
            https://:b@relay.example            | https://:b@relay.example/
            https://127.1                       | https://127.0.0.1/
            https://0x7f.0.0.01                 | https://127.0.0.1/
            https://0177.0.0.010                | https://127.0.0.8/
            https://0x                          | https://0.0.0.0/
            https://4294967295.                 | https://255.255.255.255/
            https://1.2.3.4.                    | https://1.2.3.4/
            https://１２７.0.0.1                | https://127.0.0.1/
            https://[0:0::0:1]                  | https://[::1]/
            https://[2001:DB8:0:0:1:0:0:0]      | https://[2001:db8:0:0:1::]/
            https://[1:0:0:2:0:0:3:4]           | https://[1::2:0:0:3:4]/
            https://[1:2:3:4:5:6::8]            | https://[1:2:3:4:5:6:0:8]/
            https://[::ffff:1.2.3.4]            | https://[::ffff:102:304]/
            https://BÜCHER。example             | https://xn--bcher-kva.example/
            https://日本語.example.             | https://xn--wgv71a119e.example./
            https://ＦＵＬＬ.example            | https://full.example/
            https://relay..example              | https://relay..example/
            https://under_score.example         | https://under_score.example/
            foo://Relay.Example                 | foo://Relay.Example
            foo://é:443/\\                      | foo://%C3%A9:443/\\
            foo:///a/../b                       | foo:///b
            foo:/a/../..//b                     | foo:/.//b
            foo:a b/../c                        | foo:a b/../c
            foo:                                | foo:
            """)
    void textIsNormalised(String text, String normalised) throws FormatException {
        assertThat(RelayUrl.parse(text)).hasToString(normalised);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "://relay.example",
                "1https://relay.example",
                "https",
                "https://relay.example:65536",
                "https://relay.example:4x",
                "https://relay.example:-1",
                "https://relay.example:99999999999999999999",
                "https://:443",
                "https://user@",
                "https://user@:443",
                "https://a b",
                "https://a%20b",
                "https://a%00b",
                "https://a%b",
                "https://a<b",
                "https://a^b",
                "https://1.2.3.4.5",
                "https://1.2.3.4.0",
                "https://08",
                "https://0xg.0",
                "https://256.1.1.1",
                "https://1.2.3.256",
                "https://4294967296",
                "https://relay.example.09",
                "https://1..2",
                "https://[::1",
                "https://::1]",
                "https://[]",
                "https://[:]",
                "https://[:::]",
                "https://[::1::]",
                "https://[1:2:3:4:5:6:7:8:9]",
                "https://[1:2:3:4:5:6:7]",
                "https://[1:2:3:4::5:6:7:8]",
                "https://[12345::]",
                "https://[g::]",
                "https://[::1.2.3]",
                "https://[::1.2.3.256]",
                "https://[::01.2.3.4]",
                "https://[1.2.3.4::]",
                "https://[::1%25eth0]",
                "https://[::1]x",
                "foo://a b",
                "foo://user@",
                "file:///etc/passwd",
                "https://straße.example",
                "https://\ud800.example",
                "https://relay.example/\ud800",
            })
    void whatIsNoUrlOfARelayIsRefused(String text) {
        assertThatThrownBy(() -> RelayUrl.parse(text))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("relay URL: ")
                .hasMessageContaining("expected");
    }

    @Test
    void controlsAreEscaped() throws FormatException {
        assertThat(RelayUrl.parse("https://relay.example/\u007f\u0001\u0080?\u007f#\u007f"))
                .hasToString("https://relay.example/%7F%01%C2%80?%7F#%7F");
    }

    @Test
    void tabsAndNewlinesAreSkippedAnywhere() throws FormatException {
        assertThat(RelayUrl.parse("\u0000\u001f ht\ttps://re\r\nlay.example\n "))
                .hasToString("https://relay.example/");
    }

    @Test
    void anInternationalLabelThatNoNameCanHoldIsRefusedAtOnce() {
        assertThatThrownBy(() -> RelayUrl.parse("https://" + "ü".repeat(1_000_000)))
                .isInstanceOf(FormatException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "https://relay.example,              true,  relay.example,  443,  relay.example",
        "https://relay.example.:8443/a?b#c,  true,  relay.example., 8443, relay.example.:8443",
        "http://relay.example,               false, relay.example,  80,   relay.example",
        "http://relay.example:443,           false, relay.example,  443,  relay.example:443",
        "ws://relay.example,                 false, relay.example,  80,   relay.example",
        "wss://relay.example,                true,  relay.example,  443,  relay.example",
        "ftp://relay.example,                true,  relay.example,  443,  relay.example",
        "foo://relay.example:0,              true,  relay.example,  0,    relay.example:0",
        "https://user:pw@[2001:db8::1]:4433, true,  2001:db8::1,    4433, [2001:db8::1]:4433",
        "localhost:3340,                     true,  '',             443,  ''",
    })
    void aDiallerLearnsWhereToGo(String text, boolean isTls, String host, int port, String authority)
            throws FormatException {
        var url = RelayUrl.parse(text);

        assertThat(url.isTls()).isEqualTo(isTls);
        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
        assertThat(url.authority()).isEqualTo(authority);
    }

    @Test
    void queryAndUserInfoAreGivenEscaped() throws FormatException {
        var url = RelayUrl.parse("https://us er:p@w@relay.example/path?token=a+b c#fragment");

        assertThat(url.query()).contains("token=a+b%20c");
        assertThat(url.userInfo()).contains("us%20er:p%40w");
        assertThat(RelayUrl.parse("https://relay.example").query()).isEmpty();
        assertThat(RelayUrl.parse("https://relay.example?").query()).contains("");
        assertThat(RelayUrl.parse("https://relay.example").userInfo()).isEmpty();
    }

    @Test
    void urlsAreEqualAndOrderedAsTheirTexts() throws FormatException {
        var url = RelayUrl.parse("https://relay.example");

        assertThat(url)
                .isEqualTo(RelayUrl.parse("HTTPS://RELAY.example:443/"))
                .hasSameHashCodeAs(RelayUrl.parse("HTTPS://RELAY.example:443/"));
        assertThat(url).isNotEqualTo(RelayUrl.parse("https://relay.example./"));
        assertThat(url).isGreaterThan(RelayUrl.parse("https://relay.example./"));
        assertThat(url).isLessThan(RelayUrl.parse("https://relay.example/a"));
    }

    @Test
    void errorsDoNotRepeatWhatMayBeSecret() {
        assertThatThrownBy(() -> RelayUrl.parse("https://user:secret@relay.example:x/?token=secret"))
                .isInstanceOf(FormatException.class)
                .message()
                .doesNotContain("secret");
    }

    @Property
    void everyTextGivesAUrlThatReadsBackOrAFormatException(@ForAll String text) {
        assertThatReadsBackOrIsRefused(text);
    }

    @Property(tries = 5000)
    void everySequenceOfPiecesGivesAUrlThatReadsBackOrAFormatException(@ForAll("pieces") List<String> pieces) {
        assertThatReadsBackOrIsRefused(String.join("", pieces));
        assertThatReadsBackOrIsRefused("https://" + String.join("", pieces));
    }

    @Property
    void everyHostGivesAUrlThatReadsBackOrAFormatException(@ForAll String host) {
        assertThatReadsBackOrIsRefused("https://" + host);
    }

    @Provide
    Arbitrary<List<String>> pieces() {
        return Arbitraries.of(
                        "https",
                        "foo",
                        ":",
                        "/",
                        "//",
                        "\\",
                        "?",
                        "#",
                        "@",
                        "[",
                        "]",
                        "::",
                        "1",
                        "256",
                        "0x",
                        "08",
                        ".",
                        "..",
                        "%2e",
                        "%",
                        "%00",
                        "relay.example",
                        "ü",
                        "xn--",
                        "。",
                        "443",
                        "65535",
                        " ",
                        "\t",
                        "\"",
                        "^",
                        "😀",
                        "\u00ad")
                .list()
                .ofMaxSize(12);
    }

    private static void assertThatReadsBackOrIsRefused(String text) {
        try {
            var url = RelayUrl.parse(text);
            assertThat(url.toString()).isASCII();
            assertThat(RelayUrl.parse(url.toString())).hasToString(url.toString());
            assertThat(url.port()).isBetween(0, 65535);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("relay URL: ");
        }
    }
}
