package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tomlj.Toml;

/** {@code teahouse relay --print-config}: what would be in force, and where it comes from. */
class PrintedConfigTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void withoutAFileTheDefaultsArePrinted() {
        assertThat(print(Map.of(), "--dev")).isZero();
        assertThat(printed()).isEqualTo("""
                enable_relay = true                   # default
                http_bind_addr = "[::]:3340"          # default
                enable_quic_addr_discovery = false    # default
                enable_metrics = true                 # default
                metrics_bind_addr = "127.0.0.1:9090"  # default
                key_cache_capacity = 1048576          # default
                reuse_port = false                    # default
                drain_seconds = 5                     # default
                access = "everyone"                   # default
                # access.allowlist: not set
                # access.denylist: not set
                # access.shared_token: not set
                # access.http.url: not set
                # access.http.bearer_token: not set
                # access.http.timeout_ms: not set
                # access.http.cache_seconds: not set
                # access.http.fail_open: not set
                # access.http.max_concurrent: not set
                # access.http.send_client_ip: not set
                # access.tokens.issuers: not set
                # access.tokens.issuers_file: not set
                # access.tokens.clock_skew_seconds: not set
                # access.tokens.required: not set
                # access.tokens.close_on_token_expiry: not set
                # access.tokens.isolate_projects: not set
                # tls.https_bind_addr: not set
                # tls.quic_bind_addr: not set
                # tls.hostname: not set
                # tls.cert_mode: not set
                # tls.cert_dir: not set
                # tls.manual_cert_path: not set
                # tls.manual_key_path: not set
                # tls.prod_tls: not set
                # tls.contact: not set
                # tls.dangerous_http_only: not set
                # limits.accept_conn_limit: not set
                # limits.accept_conn_burst: not set
                # limits.max_connections: not set
                # limits.max_connections_per_address: not set
                # limits.quic.max_connections: not set
                # limits.quic.retry_from_handshakes: not set
                # limits.client.rx.bytes_per_second: not set
                # limits.client.rx.max_burst_bytes: not set
                # limits.rx.bytes_per_second: not set
                # limits.rx.max_burst_bytes: not set
                # proxy.trusted: not set
                # proxy.client_address: not set
                # proxy.url_prefix: not set
                # admin.bind_addr: not set
                # admin.token: not set
                """);
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void everyValueSaysWhereItComesFrom() throws Exception {
        var file = file("""
                enable_metrics = false
                [limits]
                accept_conn_limit = 1000
                [limits.client.rx]
                bytes_per_second = 4_000_000
                """);
        assertThat(print(Map.of("TEAHOUSE_DRAIN_SECONDS", "20"), "-c", file.toString()))
                .isZero();
        assertThat(printed().lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "enable_metrics = false # relay.toml:1",
                        "# metrics_bind_addr: not set",
                        "drain_seconds = 20 # TEAHOUSE_DRAIN_SECONDS",
                        "limits.accept_conn_limit = 1000 # relay.toml:3",
                        "limits.accept_conn_burst = 1000 # default",
                        "limits.client.rx.bytes_per_second = 4000000 # relay.toml:5",
                        "limits.client.rx.max_burst_bytes = 400000 # default");
    }

    @Test
    void whatIsPrintedIsTomlThatTheRelayReadsTheSame() throws Exception {
        var file = file("""
                http_bind_addr = "127.0.0.1:0"
                access.denylist = ["ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6"]
                proxy = { trusted = ["::1"], client_address = "Forwarded", url_prefix = "/iroh" }
                """);
        print(Map.of(), "-c", file.toString());
        var first = out.toString(UTF_8);
        assertThat(Toml.parse(first).errors()).isEmpty();

        var again = file(first);
        out.reset();
        assertThat(print(Map.of(), "-c", again.toString())).isZero();
        assertThat(withoutComments(out.toString(UTF_8))).isEqualTo(withoutComments(first));
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    private static List<String> withoutComments(String toml) {
        return toml.lines().map(line -> line.replaceFirst(" *#.*", "")).toList();
    }

    @Test
    void secretsAreNotPrinted() throws Exception {
        var file = file("access.shared_token = [\"hunter2\", \"hunter3\"]");
        print(Map.of(), "-c", file.toString());
        assertThat(printed())
                .contains("access.shared_token = [\"***\", \"***\"] ")
                .doesNotContain("hunter");

        out.reset();
        var environment = Map.of(
                "TEAHOUSE_ACCESS_HTTP_URL", "https://auth.example/may?key=hunter2#x",
                "TEAHOUSE_ACCESS_HTTP_BEARER_TOKEN", "hunter3");
        assertThat(print(environment)).isZero();
        assertThat(printed())
                .contains("access.http.url = \"https://auth.example/may?***\" ")
                .contains("access.http.bearer_token = \"***\" ")
                .contains("access.http.timeout_ms = 5000 ")
                .doesNotContain("hunter");
    }

    @Test
    void aNameCannotEndItsComment() throws Exception {
        var file = Files.writeString(folder.resolve("a\nreuse_port = true"), "drain_seconds = 1");
        assertThat(print(Map.of(), "-c", file.toString())).isZero();
        assertThat(Toml.parse(out.toString(UTF_8)).errors()).isEmpty();
        assertThat(Toml.parse(out.toString(UTF_8)).getBoolean("reuse_port")).isFalse();
    }

    @Test
    void whatMayNotBeMeantIsSaidBeside() throws Exception {
        var file = file("access.allowlist = []");
        assertThat(print(Map.of(), "-c", file.toString())).isZero();
        assertThat(err.toString(UTF_8)).isEqualTo(file + ":1: access.allowlist: is empty: nobody may use this relay\n");
    }

    @Test
    void whatCannotBeUsedIsReportedAsAtTheStart() throws Exception {
        var file = file("drain_seconds = \"5\"");
        assertThat(print(Map.of(), "-c", file.toString())).isEqualTo(2);
        assertThat(out.size()).isZero();
        assertThat(err.toString(UTF_8)).contains("relay.toml:1: drain_seconds: \"5\" (expected: ");
    }

    private Path file(String toml) throws IOException {
        return Files.writeString(folder.resolve("relay.toml"), toml);
    }

    private String printed() {
        return out.toString(UTF_8).replace(folder + "/", "");
    }

    private int print(Map<String, String> environment, String... options) {
        var args = new ArrayList<>(List.of("relay", "--print-config"));
        args.addAll(List.of(options));
        return Main.run(
                environment,
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                args.toArray(String[]::new));
    }
}
