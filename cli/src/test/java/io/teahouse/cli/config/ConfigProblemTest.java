package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads who wrote a file that cannot be used: the words themselves are under test. */
class ConfigProblemTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void allProblemsAreToldAtOnceInTheOrderOfTheirLines() {
        assertThat(problems("""
                enable_metrics = "yes"
                [access]
                denylist = ["not an id"]
                [limits.client.rx]
                bytes_per_second = "4MB"
                max_burst_byte = 400000
                [tls]
                """)).isEqualTo("""
                relay.toml: 5 problems, nothing was started
                relay.toml:1: enable_metrics: "yes" (expected: true or false)
                relay.toml:3: access.denylist[0]: "not an id" (expected: an endpoint id, 64 characters of hex or 52 of base32)
                    invalid length: 9 bytes of text (expected: 64 of hex or 52 of base32)
                relay.toml:5: limits.client.rx.bytes_per_second: "4MB" (expected: a whole number of bytes per second, 10 to 4294967295)
                    for 4MB write 4000000
                relay.toml:6: limits.client.rx.max_burst_byte: unknown key
                    did you mean max_burst_bytes?
                relay.toml:7: tls.cert_mode: missing
                    [tls] is present; write cert_mode = "Reloading", with manual_cert_path and manual_key_path""");
    }

    @Test
    void aFileThatIsNotTomlIsReportedWithEveryPlace() {
        assertThat(problems("""
                http_bind_addr = "[::]:80
                enable_metrics = true
                [tls
                cert_mode = "Manual"
                key_cache_capacity = 99999999999999999999
                """)).isEqualTo("""
                relay.toml: 3 problems, nothing was started
                relay.toml:1: not TOML: column 26: Unexpected end of line, expected " or a character
                relay.toml:3: not TOML: column 5: Unexpected end of line, expected ]
                relay.toml:5: not TOML: column 22: Integer is too large""");
    }

    @Test
    void aKeySaidTwiceIsReportedWithBothPlaces() {
        assertThat(problems("""
                enable_metrics = true
                enable_metrics = false
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: not TOML: column 1: enable_metrics previously defined at line 1, column 1""");
    }

    @Test
    void aMistypedKeyIsReportedWithTheNearestOne() {
        assertThat(problems("http-bind-adress = \"[::]:80\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: http-bind-adress: unknown key
                    did you mean http_bind_addr?""");
    }

    @Test
    void aKeyOfAnotherTableIsReportedWithItsFullName() {
        assertThat(problems("""
                https_bind_addr = "[::]:443"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: https_bind_addr: unknown key
                    did you mean tls.https_bind_addr?""");
    }

    @Test
    void aTopLevelKeyBelowATableIsSentToTheTop() {
        assertThat(problems("""
                [limits.client.rx]
                bytes_per_second = 4000000

                http_bind_addr = "[::]:80"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:4: limits.client.rx.http_bind_addr: unknown key
                    it belongs at the top of the file, above every [table]""");
    }

    @Test
    void aKeyLikeNoOtherIsReportedWithAllThatAreKnownThere() {
        assertThat(problems("""
                limits.client.rx.colour = "red"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: limits.client.rx.colour: unknown key
                    known here: bytes_per_second, max_burst_bytes""");
    }

    @Test
    void anUnknownTableIsReportedOnceAndNotKeyByKey() {
        assertThat(problems("""
                [limit.client.rx]
                bytes_per_second = 1
                max_burst_bytes = 1
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: limit: unknown key
                    did you mean limits?""");
    }

    @Test
    void aValueInThePlaceOfATableIsReported() {
        assertThat(problems("""
                tls = true
                limits.client = 5
                """)).isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:1: tls: true (expected: a table, [tls])
                relay.toml:2: limits.client: 5 (expected: a table, [limits.client])""");
    }

    @Test
    void anAddressIsExplainedByWhatWasMeant() {
        assertThat(problems("""
                http_bind_addr = "localhost:8080"
                metrics_bind_addr = ":9090"
                """)).isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:1: http_bind_addr: "localhost:8080" (expected: an IP address and a port, such as "0.0.0.0:80" or "[::]:80")
                    names are not looked up; write "127.0.0.1:8080"
                relay.toml:2: metrics_bind_addr: ":9090" (expected: an IP address and a port, such as "0.0.0.0:80" or "[::]:80")
                    for all addresses write "[::]:9090\"""");
    }

    @Test
    void anAddressThatIsANumberIsReported() {
        assertThat(problems("http_bind_addr = 80")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: http_bind_addr: 80 (expected: an IP address and a port, such as "0.0.0.0:80" or "[::]:80")""");
    }

    @Test
    void twoListenersOnOnePortAreReported() {
        assertThat(problems("""
                http_bind_addr = "10.0.0.1:8080"
                metrics_bind_addr = "[::]:8080"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: metrics_bind_addr: "[::]:8080" (expected: a port that no other part of the relay uses)
                    http_bind_addr is 10.0.0.1:8080""");
    }

    @Test
    void aListenerOnTheDefaultPortOfMetricsIsReported() {
        assertThat(problems("http_bind_addr = \"0.0.0.0:9090\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: http_bind_addr: "0.0.0.0:9090" (expected: a port that no other part of the relay uses)
                    metrics_bind_addr is 127.0.0.1:9090, its default""");
    }

    @Test
    void aBurstWithoutARateIsReported() {
        assertThat(problems("""
                [limits.client.rx]
                max_burst_bytes = 1000
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: limits.client.rx.bytes_per_second: missing
                    max_burst_bytes is set, and a burst needs a rate""");
    }

    @Test
    void aRateThatWouldRefuseEveryClientIsReported() {
        assertThat(problems("""
                [limits.client.rx]
                bytes_per_second = 9
                max_burst_bytes = 0
                """)).isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:2: limits.client.rx.bytes_per_second: 9 (expected: a whole number of bytes per second, 10 to 4294967295)
                relay.toml:3: limits.client.rx.max_burst_bytes: 0 (expected: a whole number of bytes, 1 to 4294967295)""");
    }

    @Test
    void numbersInOtherNotationsAreReportedWithTheRightOne() {
        assertThat(problems("""
                key_cache_capacity = 1e6
                [limits.client.rx]
                bytes_per_second = "1.5 MiB/s"
                max_burst_bytes = "150000"
                """)).isEqualTo("""
                relay.toml: 3 problems, nothing was started
                relay.toml:1: key_cache_capacity: 1000000.0 (expected: a whole number of endpoint ids, 0 to 2147483647)
                    for 1000000.0 write 1000000
                relay.toml:3: limits.client.rx.bytes_per_second: "1.5 MiB/s" (expected: a whole number of bytes per second, 10 to 4294967295)
                    for 1.5 MiB/s write 1572864
                relay.toml:4: limits.client.rx.max_burst_bytes: "150000" (expected: a whole number of bytes, 1 to 4294967295)
                    for 150000 write 150000""");
    }

    @Test
    void aBooleanInQuotesIsReported() {
        assertThat(problems("enable_metrics = \"false\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: enable_metrics: "false" (expected: true or false)
                    write it without quotes""");
    }

    @Test
    void twoAccessRulesAreReported() {
        assertThat(problems("""
                [access]
                allowlist = ["%s"]
                denylist = []
                """.formatted(ID))).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:3: access: allowlist and denylist (expected: exactly one of them)
                    keep the one that is meant""");
    }

    @Test
    void anAccessRuleThatDoesNotExistIsReported() {
        String expected =
                "\"everyone\", or a table with exactly one of allowlist, denylist, shared_token, http, tokens";
        assertThat(problems("access = \"Everybody\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access: "Everybody" (expected: %s)
                    did you mean "everyone"?""".formatted(expected));
        assertThat(problems("access = \"allowlist\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access: "allowlist" (expected: %s)
                    write it as a key: access.allowlist = ...""".formatted(expected));
        assertThat(problems("[access]")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access: an empty table (expected: %s)""".formatted(expected));
        assertThat(problems("access = true")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access: true (expected: %s)""".formatted(expected));
    }

    @Test
    void idsAreReportedByTheirPlaceInTheList() {
        assertThat(problems("""
                access.allowlist = [
                  "%s",
                  "%s",
                  12,
                  "%s",
                ]
                """.formatted(ID, ID.toUpperCase(Locale.ROOT), "02" + "0".repeat(62))))
                .isEqualTo("""
                relay.toml: 3 problems, nothing was started
                relay.toml:3: access.allowlist[1]: "AE58FF8833241AC82D6FF7611046ED67B5072D142C588D0063E942D9A..." (expected: an endpoint id, 64 characters of hex or 52 of base32)
                    failed to decode hex string at character 1 (expected: 0 to 9 and a to f)
                relay.toml:4: access.allowlist[2]: 12 (expected: an endpoint id, 64 characters of hex or 52 of base32)
                relay.toml:5: access.allowlist[3]: "020000000000000000000000000000000000000000000000000000000..." (expected: an endpoint id, 64 characters of hex or 52 of base32)
                    data is not a valid public key: 0200000000000000000000000000000000000000000000000000000000000000 (expected: a point of the curve)""");
    }

    @Test
    void aSingleIdInThePlaceOfAListIsReported() {
        assertThat(problems("access.allowlist = \"abc\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.allowlist: "abc" (expected: a list; each item an endpoint id, 64 characters of hex or 52 of base32)
                    write ["abc"]""");
    }

    @Test
    void addressDiscoveryNeedsACertificate() {
        assertThat(problems("""
                enable_relay = false
                enable_quic_addr_discovery = true
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: [tls]: missing
                    enable_quic_addr_discovery is true, and QUIC needs a certificate""");
    }

    @Test
    void aRelayThatIsNothingIsReported() {
        assertThat(problems("enable_relay = false")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: enable_relay: false (expected: true, unless enable_quic_addr_discovery is)
                    nothing would be left to run""");
    }

    @Test
    void anAuthorityNeedsThePortsOfTheRelay() {
        assertThat(problems("""
                enable_relay = false
                [tls]
                cert_mode = "LetsEncrypt"
                hostname = "relay.example"
                contact = "me@relay.example"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:3: tls.cert_mode: "LetsEncrypt" (expected: "Manual" or "Reloading" where nothing but address discovery has TLS)
                    the authority asks at the ports of the relay, which are not there""");
    }

    @Test
    void proxiesAreTrustedByAddressAndTellInAWayThatIsKnown() {
        assertThat(problems("""
                [proxy]
                trusted = ["10.1.2.3/8", "proxy.example", 7, "fd00::1/64", "10.0.0.0/33"]
                client_address = "x-forwarded-for"
                url_prefix = "iroh/"
                """)).isEqualTo("""
                relay.toml: 7 problems, nothing was started
                relay.toml:2: proxy.trusted[0]: "10.1.2.3/8" (expected: an IP address, or a range such as "10.0.0.0/8")
                    for all that begin alike write "10.0.0.0/8"
                relay.toml:2: proxy.trusted[1]: "proxy.example" (expected: an IP address, or a range such as "10.0.0.0/8")
                relay.toml:2: proxy.trusted[2]: 7 (expected: an IP address, or a range such as "10.0.0.0/8")
                relay.toml:2: proxy.trusted[3]: "fd00::1/64" (expected: an IP address, or a range such as "10.0.0.0/8")
                    for all that begin alike write "fd00::/64"
                relay.toml:2: proxy.trusted[4]: "10.0.0.0/33" (expected: an IP address, or a range such as "10.0.0.0/8")
                relay.toml:3: proxy.client_address: "x-forwarded-for" (expected: one of "X-Forwarded-For", "Forwarded", "ProxyProtocol")
                    did you mean "X-Forwarded-For"?
                relay.toml:4: proxy.url_prefix: "iroh/" (expected: a path such as "/iroh", without a slash at its end)
                    write "/iroh\"""");
        assertThat(problems("proxy.trusted = [\"::1\"]")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: proxy.client_address: missing
                    proxies are trusted; write how they tell whom they serve, one of "X-Forwarded-For", "Forwarded", "ProxyProtocol\"""");
        assertThat(problems("proxy.client_address = \"Forwarded\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: proxy.trusted: missing
                    only trusted proxies are believed; write where they are, such as trusted = ["127.0.0.1"]""");
    }

    @Test
    void limitsOfConnectionsAreAboveZeroAndABurstNeedsARate() {
        assertThat(problems("""
                [limits]
                accept_conn_burst = 0
                max_connections = 0
                max_connections_per_address = "many"
                """)).isEqualTo("""
                relay.toml: 4 problems, nothing was started
                relay.toml:2: limits.accept_conn_burst: 0 (expected: a whole number of connections, 1 to 2147483647)
                relay.toml:2: limits.accept_conn_limit: missing
                    accept_conn_burst is set, and a burst needs a rate
                relay.toml:3: limits.max_connections: 0 (expected: a whole number of connections, 1 to 2147483647)
                relay.toml:4: limits.max_connections_per_address: "many" (expected: a whole number of connections, 1 to 2147483647)""");
        for (String rate : List.of("0", "-1.5", "nan", "inf")) {
            assertThat(problems("limits.accept_conn_limit = " + rate))
                    .contains("relay.toml:1: limits.accept_conn_limit: ")
                    .contains("(expected: connections per second, above 0, such as 1000.0)");
        }
    }

    @Test
    void aServiceThatCannotBeAskedIsReportedWithoutRepeatingItsUrlOrToken() {
        String url = "a URL with http:// or https:// and a host";
        assertThat(problems("[access.http]\nbearer_token = \"hunter2\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.http.url: missing
                    access.http is present; say which service to ask, such as https://...""");
        assertThat(problems("access.http = \"https://auth.example/?key=hunter2\""))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.http: a text (expected: a table, [access.http])
                    write access.http.url = "https://..."\
                """);
        assertThat(problems("access.http.url = \"auth.example/?key=hunter2\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.http.url: a text (expected: %s)""".formatted(url));
        assertThat(problems("access.http.url = \"https://me:hunter2@auth.example/\""))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.http.url: a text (expected: %s)
                    a user name in it is not supported; the service can be shown an access.http.bearer_token""".formatted(url));
        assertThat(problems("access.http.url = \"https://auth.example/a b?hunter2\""))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.http.url: a text (expected: %s)
                    Illegal character in path at character 23""".formatted(url));
        assertThat(problems("""
                [access.http]
                url = 1
                bearer_token = "hunter2\\n"
                timeout_ms = 1
                cache_seconds = -1
                fail_open = "true"
                max_concurrent = 0
                send_client_ip = 1
                retries = 3
                """)).isEqualTo("""
                relay.toml: 8 problems, nothing was started
                relay.toml:2: access.http.url: a number (expected: %s)
                relay.toml:3: access.http.bearer_token: a text (expected: printable ASCII, 1 character or more)
                relay.toml:4: access.http.timeout_ms: 1 (expected: a whole number of milliseconds, 10 to 30000)
                relay.toml:5: access.http.cache_seconds: -1 (expected: a whole number of seconds, 0 to 3600)
                relay.toml:6: access.http.fail_open: "true" (expected: true or false)
                    write it without quotes
                relay.toml:7: access.http.max_concurrent: 0 (expected: a whole number of requests, 1 to 10000)
                relay.toml:8: access.http.send_client_ip: 1 (expected: true or false)
                relay.toml:9: access.http.retries: unknown key
                    known here: url, bearer_token, timeout_ms, cache_seconds, fail_open, max_concurrent, send_client_ip""".formatted(url));
        assertThat(problems("access.http = { url = \"http://a\", bearer_token = 20250101 }"))
                .doesNotContain("20250101");
        assertThat(problems("access.http.url = \"http://a\"", Map.of("TEAHOUSE_ACCESS_HTTP_BEARER_TOKEN", "hunter2\n")))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                TEAHOUSE_ACCESS_HTTP_BEARER_TOKEN: access.http.bearer_token: a text (expected: printable ASCII, 1 character or more)""");
    }

    @Test
    void sharedTokensThatCannotBeUsedAreReportedWithoutRepeatingThem() {
        String expected = "a list of tokens, neither empty nor with an empty one in it";
        assertThat(problems("access.shared_token = []")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.shared_token: an empty list (expected: %s)
                    the environment can give them instead, in TEAHOUSE_ACCESS_SHARED_TOKEN""".formatted(expected));
        assertThat(problems("access.shared_token = [\"hunter2\", \"\"]")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.shared_token: a list (expected: %s)
                    access.shared_token[1] is empty; the environment can give them instead, in TEAHOUSE_ACCESS_SHARED_TOKEN""".formatted(expected));
        assertThat(problems("access.shared_token = \"hunter2\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.shared_token: a text (expected: %s)
                    write ["..."]""".formatted(expected));
        assertThat(problems("access.shared_token = [\"hunter2\", 20250101]")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.shared_token: a list (expected: %s)
                    access.shared_token[1] is no text in quotes""".formatted(expected));
        assertThat(problems("access.shared_token = 20250101")).doesNotContain("20250101");
    }

    @Test
    void secretsOfTheEnvironmentThatCannotBeUsedAreReportedWithoutRepeatingThem() throws Exception {
        String toml = "\naccess.shared_token = [\"x\"]";
        assertThat(problems(
                        toml, Map.of("IROH_RELAY_ACCESS_TOKEN", "hunter2", "TEAHOUSE_ACCESS_SHARED_TOKEN", "hunter3")))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                TEAHOUSE_ACCESS_SHARED_TOKEN and IROH_RELAY_ACCESS_TOKEN: access.shared_token: set at once (expected: one of them at most)
                    unset all but the one that is meant""");
        assertThat(problems(toml, Map.of("IROH_RELAY_ACCESS_TOKEN", ""))).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                IROH_RELAY_ACCESS_TOKEN: access.shared_token: empty (expected: not empty)
                    unset it to have what the file says, or the default""");
        Path file = directory.resolve("token");
        assertThat(problems(toml, Map.of("TEAHOUSE_ACCESS_SHARED_TOKEN_FILE", file.toString())))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                TEAHOUSE_ACCESS_SHARED_TOKEN_FILE: access.shared_token: %s (expected: a readable file with the secret in it)
                    it does not exist""".formatted(Quoted.text(file.toString())));
        var inFile = Map.of("TEAHOUSE_ACCESS_SHARED_TOKEN_FILE", file.toString());
        Files.writeString(file, "\n");
        assertThat(problems(toml, inFile)).endsWith("it is empty");
        Files.writeString(file, "x".repeat((64 << 10) + 1));
        assertThat(problems(toml, inFile)).endsWith("it is too long, more than 64 KiB");
        Files.write(file, new byte[] {'x', (byte) 0xFF});
        assertThat(problems(toml, inFile)).endsWith("it is not UTF-8");
        assertThat(problems(toml, Map.of("TEAHOUSE_ACCESS_SHARED_TOKEN_FILE", directory.toString())))
                .endsWith("it is a directory");
    }

    @Test
    void aCertificateModeThatDoesNotExistIsReported() {
        assertThat(problems("""
                [tls]
                cert_mode = "manual"
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: tls.cert_mode: "manual" (expected: "Manual", "Reloading" or "LetsEncrypt")
                    did you mean "Manual"?""");
        assertThat(problems("tls.cert_mode = \"reloading\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: tls.cert_mode: "reloading" (expected: "Manual", "Reloading" or "LetsEncrypt")
                    did you mean "Reloading"?""");
    }

    @Test
    void anAuthorityNeedsANameAndSomebodyToWriteTo() {
        assertThat(problems("""
                [tls]
                cert_mode = "LetsEncrypt"
                hostname = []
                """)).isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:2: tls.hostname: missing
                    LetsEncrypt needs at least one hostname; write hostname = "<the relay's name in DNS>"
                relay.toml:2: tls.contact: missing
                    LetsEncrypt needs a contact email; write contact = "<where the authority may write to>\"""");
    }

    @Test
    void whatAnAuthorityCannotBeAskedForIsReported() {
        assertThat(problems("""
                [tls]
                cert_mode = "LetsEncrypt"
                hostname = ["relay.example", "*.example", 7, "a b"]
                contact = "mailto:me@relay.example"
                prod_tls = "yes"
                """)).isEqualTo("""
                relay.toml: 5 problems, nothing was started
                relay.toml:3: tls.hostname[1]: "*.example" (expected: a name in DNS)
                    a wildcard needs proofs in DNS, which this relay does not give: name the hosts one by one
                relay.toml:3: tls.hostname[2]: 7 (expected: a name)
                relay.toml:3: tls.hostname[3]: "a b" (expected: a name in DNS)
                relay.toml:4: tls.contact: "mailto:me@relay.example" (expected: an e-mail address)
                    without mailto:, and one only
                relay.toml:5: tls.prod_tls: "yes" (expected: true or false)""");
    }

    @Test
    void variablesForAnAuthorityThatCannotBeUsedAreReported() throws Exception {
        var none = directory.resolve("none.pem");
        var empty = Files.writeString(directory.resolve("empty.pem"), "");
        var tooLong = Files.writeString(directory.resolve("long.pem"), "#".repeat(2 << 20));
        var bad = Files.writeString(directory.resolve("bad.pem"), "-----BEGIN CERTIFICATE-----\nx\n");
        for (var reason : List.of(
                Map.entry(none, "failed to read IROH_RELAY_ACME_CA: it does not exist"),
                Map.entry(directory, "failed to read IROH_RELAY_ACME_CA: it is a directory"),
                Map.entry(tooLong, "failed to read IROH_RELAY_ACME_CA: it is too long, more than 1 MiB"),
                Map.entry(empty, "failed to parse IROH_RELAY_ACME_CA: there is none in it"),
                Map.entry(bad, "failed to parse IROH_RELAY_ACME_CA: it is not PEM"))) {
            var environment = Map.of(
                    "IROH_RELAY_ACME_URL",
                    "localhost:14000",
                    "IROH_RELAY_ACME_CA",
                    reason.getKey().toString());

            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> RelayFile.parse("relay.toml", """
                            [tls]
                            cert_mode = "LetsEncrypt"
                            hostname = "relay.example"
                            contact = "me@relay.example"
                            """, false, environment))
                    .withMessage("""
                            relay.toml: 2 problems, nothing was started
                            relay.toml:2: IROH_RELAY_ACME_URL: "localhost:14000" (expected: the http or https URL of an ACME directory)
                                unset it to have Let's Encrypt
                            relay.toml:2: IROH_RELAY_ACME_CA: "%s" (expected: a readable PEM file with root certificates)
                                %s""", reason.getKey(), reason.getValue());
        }
    }

    @Test
    void filesOfTheCertificateThatAreNotThereAreReported() {
        assertThat(problems("""
                [tls]
                cert_mode = "Manual"
                cert_dir = "%1$s"
                manual_cert_path = "%1$s"
                """.formatted(directory)))
                .isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:1: tls.manual_key_path: missing
                    its default, %1$s/default.key, does not exist; name the PEM file with the private key
                relay.toml:4: tls.manual_cert_path: %2$s (expected: a readable PEM file with the certificate chain)
                    it is a directory""".formatted(directory, Quoted.text(directory.toString())));
    }

    @Test
    void filesThatAreToBeReloadedHaveToBeThereFromTheStart() {
        assertThat(problems("tls = { cert_mode = \"Reloading\", cert_dir = \"%s\" }".formatted(directory)))
                .isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:1: tls.manual_cert_path: missing
                    its default, %1$s/default.crt, does not exist; name the PEM file with the certificate chain
                relay.toml:1: tls.manual_key_path: missing
                    its default, %1$s/default.key, does not exist; name the PEM file with the private key""".formatted(directory));
    }

    @Test
    void relativePathsAreReportedWithWhereTheyLead() {
        assertThat(problems("""
                [tls]
                cert_mode = "Manual"
                manual_cert_path = "none/relay.crt"
                manual_key_path = "none/relay.key"
                """)).isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:3: tls.manual_cert_path: "none/relay.crt" (expected: a readable PEM file with the certificate chain)
                    it does not exist, that is %1$s/none/relay.crt
                relay.toml:4: tls.manual_key_path: "none/relay.key" (expected: a readable PEM file with the private key)
                    it does not exist, that is %1$s/none/relay.key""".formatted(Path.of("").toAbsolutePath()));
    }

    @Test
    void wrongTypesUnderTlsAreReportedEvenForDevelopment() {
        var problem =
                catchThrowableOfType(ConfigException.class, () -> RelayFile.parse("relay.toml", """
                [tls]
                cert_mode = 3
                https_bind_addr = "example.com"
                prod_tls = 1
                contact = 2
                hostname = ["a", 4]
                manual_key_path = false
                """, true, Map.of()));
        assertThat(problem).hasMessage("""
                relay.toml: 6 problems, nothing was started
                relay.toml:2: tls.cert_mode: 3 (expected: "Manual", "Reloading" or "LetsEncrypt")
                relay.toml:3: tls.https_bind_addr: "example.com" (expected: an IP address and a port, such as "0.0.0.0:80" or "[::]:80")
                    names are not looked up; write the address
                relay.toml:4: tls.prod_tls: 1 (expected: true or false)
                relay.toml:5: tls.contact: 2 (expected: an e-mail address)
                relay.toml:6: tls.hostname[1]: 4 (expected: a name)
                relay.toml:7: tls.manual_key_path: false (expected: a file)""");
    }

    @Test
    void afterFiftyProblemsTheRestIsCounted() {
        String toml = IntStream.range(0, 60)
                .mapToObj("unheard_of_%02d = 1\n"::formatted)
                .reduce("", String::concat);
        assertThat(problems(toml))
                .startsWith("relay.toml: 60 problems, nothing was started\nrelay.toml:1: unheard_of_00: unknown key")
                .endsWith("\nrelay.toml: and 10 more")
                .contains("unheard_of_49")
                .doesNotContain("unheard_of_50");
    }

    @Test
    void controlCharactersOfTheFileDoNotReachTheTerminal() {
        assertThat(problems("\"a\\u001b[31mb\" = 1\naccess = \"\\u001b[31m\\n\""))
                .startsWith("relay.toml: 2 problems")
                .doesNotContain("\u001b")
                .contains("\"a\\u001b[31mb\": unknown key");
    }

    @Test
    void aFileThatIsNotThereIsReported() {
        assertThat(unreadable(directory.resolve("none.toml"))).isEqualTo("""
                %1$s/none.toml: does not exist, nothing was started
                    check the path (%1$s/none.toml), or leave -c out for the built-in settings""".formatted(directory));
    }

    @Test
    void aDirectoryIsReported() {
        assertThat(unreadable(directory)).isEqualTo("""
                %s: is a directory, nothing was started
                    name the file in it""".formatted(directory));
    }

    @Test
    void aFileInAnotherEncodingIsReported() throws Exception {
        Path file = Files.write(directory.resolve("relay.toml"), new byte[] {'#', ' ', (byte) 0xE4});
        assertThat(unreadable(file)).isEqualTo("""
                %s: is not UTF-8, nothing was started
                    TOML is; save the file in that encoding""".formatted(file));
    }

    @Test
    void problemsCanBeReadByPrograms() {
        var exception = catchThrowableOfType(
                ConfigException.class, () -> RelayFile.parse("relay.toml", "\nenable_relay = false", false, Map.of()));
        assertThat(exception.problems())
                .containsExactly(new Problem.BadValue(
                        Place.atLine(2),
                        "enable_relay",
                        "false",
                        "true, unless enable_quic_addr_discovery is",
                        "nothing would be left to run"));
    }

    private static String problems(String toml) {
        return problems(toml, Map.of());
    }

    private static String problems(String toml, Map<String, String> environment) {
        var exception = catchThrowableOfType(
                ConfigException.class, () -> RelayFile.parse("relay.toml", toml, false, environment));
        return String.valueOf(exception.getMessage());
    }

    private static String unreadable(Path file) {
        var exception =
                catchThrowableOfType(ConfigException.class, () -> RelayFile.read(Optional.of(file), false, Map.of()));
        return String.valueOf(exception.getMessage());
    }
}
