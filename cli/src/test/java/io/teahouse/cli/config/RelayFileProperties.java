package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is in a file, its reader answers with a configuration or with problems, and with nothing else. */
class RelayFileProperties {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}&&[^\\n]]");
    private static final List<String> KEYS = List.of(
            "enable_relay",
            "http_bind_addr",
            "enable_quic_addr_discovery",
            "enable_metrics",
            "metrics_bind_addr",
            "key_cache_capacity",
            "access",
            "access.allowlist",
            "access.denylist",
            "access.shared_token",
            "access.http",
            "access.http.url",
            "access.http.bearer_token",
            "access.http.timeout_ms",
            "access.http.fail_open",
            "access.tokens",
            "access.tokens.issuers",
            "access.tokens.issuers_file",
            "access.tokens.clock_skew_seconds",
            "access.tokens.required",
            "tls",
            "tls.https_bind_addr",
            "tls.quic_bind_addr",
            "tls.hostname",
            "tls.cert_mode",
            "tls.cert_dir",
            "tls.manual_cert_path",
            "tls.prod_tls",
            "tls.dangerous_http_only",
            "limits",
            "limits.accept_conn_limit",
            "limits.accept_conn_burst",
            "limits.client",
            "limits.client.rx",
            "limits.client.rx.bytes_per_second",
            "limits.client.rx.max_burst_bytes",
            "limits.client.rx.unknown",
            "proxy",
            "proxy.trusted",
            "proxy.client_address",
            "proxy.url_prefix",
            "\"quo.ted\"");
    private static final List<String> VALUES = List.of(
            "true",
            "0",
            "-1",
            "9223372036854775807",
            "1.5",
            "nan",
            "-inf",
            "1979-05-27T07:32:00Z",
            "07:32:00",
            "\"\"",
            "\"[::]:80\"",
            "\"[::%x]:80\"",
            "\"1.2.3.4:99999\"",
            "\"\\u0000/\\u0001\"",
            "\"everyone\"",
            "\"http://[::1]:8080/\"",
            "\"Manual\"",
            "\"Reloading\"",
            "\"ProxyProtocol\"",
            "\"/iroh\"",
            "[\"::1\", \"10.0.0.0/8\"]",
            "[\"10.0.0.1/8\"]",
            "[]",
            "[1, [2], {a = 3}]",
            "[\"x\"]",
            "{}",
            "{ a = { b = 1 } }",
            "{ rx = 1, client = 2, cert_mode = 3 }",
            "[[1]]",
            "\"" + "9".repeat(300) + "MB\"");

    @Property(tries = 500)
    void anyTextIsAConfigurationOrAListOfProblems(@ForAll String text, @ForAll boolean dev) {
        assertThat(read(text, dev)).doesNotContainPattern(UNPRINTABLE);
    }

    @Property(tries = 1500)
    void anyValueUnderAnyKeyIsAConfigurationOrAListOfProblems(@ForAll("files") String text, @ForAll boolean dev) {
        assertThat(read(text, dev)).doesNotContainPattern(UNPRINTABLE);
    }

    @Provide
    Arbitrary<String> files() {
        return Combinators.combine(Arbitraries.of(KEYS), Arbitraries.of(VALUES))
                .as("%s = %s\n"::formatted)
                .list()
                .ofMaxSize(6)
                .map(lines -> String.join("", lines));
    }

    private static String read(String toml, boolean dev) {
        try {
            return RelayFile.parse("relay.toml", toml, dev).whoMayUse();
        } catch (ConfigException e) {
            assertThat(e.problems()).isNotEmpty();
            return String.valueOf(e.getMessage());
        }
    }
}
