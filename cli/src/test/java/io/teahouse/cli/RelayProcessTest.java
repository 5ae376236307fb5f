package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as a whole, from its start to its exit code. */
@Timeout(60)
class RelayProcessTest {
    private static final String ON_FREE_PORTS = """
            http_bind_addr = "127.0.0.1:0"
            metrics_bind_addr = "127.0.0.1:0"
            """;
    private static final Pattern RELAY_URL = Pattern.compile("relay URL (\\S+)");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static void signal(Process process, String signal) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private static String awaitLine(BufferedReader log, String part) throws IOException {
        for (String line; (line = log.readLine()) != null; ) {
            if (line.contains(part)) {
                return line;
            }
        }
        throw new AssertionError("ended without a line with: " + part);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void sighupReadsTheConfigurationAgain() throws Exception {
        var config = config(ON_FREE_PORTS);
        var process = RelayProcess.start(config);
        try (BufferedReader log = process.errorReader()) {
            var lines = new ArrayList<String>();
            URI url = awaitUrl(log, lines);

            config("access.allowlist = []\n" + ON_FREE_PORTS + "drain_seconds = 7\nlimits.max_connections = 9\n");
            signal(process, "HUP");
            assertThat(awaitLine(log, "reloaded"))
                    .endsWith("relay: reloaded, open to the 0 endpoints of access.allowlist");
            assertThat(awaitLine(log, "has changed"))
                    .endsWith(
                            "relay: limits.accept_conn_* or limits.max_connections* has changed, which takes effect at the next start");
            assertThat(awaitLine(log, "has changed"))
                    .endsWith("relay: drain_seconds has changed, which takes effect at the next start");

            config("acess = 1\n" + ON_FREE_PORTS);
            signal(process, "HUP");
            assertThat(awaitLine(log, "WARN"))
                    .contains("relay: not reloaded, all stays as it is: ")
                    .contains("relay.toml: 1 problem");
            assertThat(ping(url)).isEqualTo(200);
            assertThat(metrics(lines))
                    .contains("relayserver_config_reloads_total{result=\"applied\"} 1\n")
                    .contains("relayserver_config_reloads_total{result=\"failed\"} 1\n");

            signal(process, "TERM");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aSignalEndsItInOrderWithExitCode0(String signal) throws Exception {
        var process = RelayProcess.start(config(ON_FREE_PORTS));
        try (BufferedReader log = process.errorReader()) {
            var lines = new ArrayList<String>();
            URI url = awaitUrl(log, lines);
            assertThat(ping(url)).isEqualTo(200);

            signal(process, signal);
            log.lines().forEach(lines::add);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();

            assertThat(process.exitValue()).isZero();
            assertThat(lines.stream().map(line -> line.replaceFirst("^\\S+Z ", "")))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .matches("INFO  relay: teahouse \\S+, configuration .*relay\\.toml"),
                            line -> assertThat(line)
                                    .matches("INFO  relay: up to \\d+ open files, one for each connection"),
                            line -> assertThat(line)
                                    .matches(
                                            "INFO  relay: listening on http://127\\.0\\.0\\.1:\\d+ \\(this machine only\\)"),
                            line -> assertThat(line)
                                    .matches("INFO  relay: metrics on http://127\\.0\\.0\\.1:\\d+/metrics"),
                            line -> assertThat(line).isEqualTo("INFO  relay: open to everyone"),
                            line -> assertThat(line)
                                    .isEqualTo("INFO  relay: point an endpoint at it with relay URL " + url),
                            line -> assertThat(line).isEqualTo("INFO  relay: stopping"),
                            line -> assertThat(line).isEqualTo("INFO  relay: stopped"));
            assertThat(process.inputReader().lines()).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whenNoFileIsLeftItServesWhomItHasAndGoesOnLater() throws Exception {
        var process = RelayProcess.start(config(ON_FREE_PORTS), "sh", "-c", "ulimit -n 160; exec \"$@\"", "sh");
        var many = new ArrayList<Socket>();
        try (BufferedReader log = process.errorReader()) {
            assertThat(awaitLine(log, "open files")).endsWith("relay: up to 160 open files, one for each connection");
            URI url = awaitUrl(log, new ArrayList<>());
            var address = new InetSocketAddress(url.getHost(), url.getPort());
            try (var early = new Socket(address.getAddress(), address.getPort())) {
                for (int i = 0; i < 160; i++) {
                    many.add(new Socket(address.getAddress(), address.getPort()));
                }
                assertThat(awaitLine(log, "WARN"))
                        .contains("listener: no connection can be accepted for the moment: ")
                        .contains("as many files as this process may have are open");
                early.getOutputStream().write("GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n".getBytes(UTF_8));
                assertThat(new String(early.getInputStream().readNBytes(15), UTF_8))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            for (var socket : many) {
                socket.close();
            }
            assertThat(ping(url)).isEqualTo(200);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withinAnotherProgramAnInterruptEndsIt() throws Exception {
        var log = new ByteArrayOutputStream();
        var exitCodes = new ArrayList<Integer>();
        Path config = config(ON_FREE_PORTS);
        var relay = Thread.ofPlatform().start(() -> exitCodes.add(run(log, "relay", "-c", config.toString())));
        while (!RELAY_URL.matcher(log.toString(UTF_8)).find()) {
            assertThat(relay.join(Duration.ofMillis(10)))
                    .as("ended, and says: %s", log.toString(UTF_8))
                    .isFalse();
        }
        relay.interrupt();
        relay.join();
        assertThat(exitCodes).containsExactly(0);
        assertThat(log.toString(UTF_8)).endsWith("INFO  relay: stopped\n");
    }

    @Test
    void aPortInUseEndsItWithExitCode2() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var err = new ByteArrayOutputStream();
            String config = ON_FREE_PORTS.replaceFirst(":0", ":" + other.getLocalPort());
            assertThat(run(
                            err,
                            "relay",
                            "--log-level",
                            "warn",
                            "-c",
                            config(config).toString()))
                    .isEqualTo(2);
            assertThat(err.toString(UTF_8))
                    .matches(
                            "teahouse: relay not started: .*127\\.0\\.0\\.1:%d.*Address already in use\n.*"
                                            .formatted(other.getLocalPort())
                                    + "    another program has that port \\('ss -ltnp' shows which\\): stop it, or change http_bind_addr\n");
        }
    }

    @Test
    void aCertificateThatIsNoneEndsItWithExitCode2() throws Exception {
        Path chain = Files.writeString(folder.resolve("chain.pem"), "no PEM");
        Path key = Files.writeString(folder.resolve("key.pem"), "no PEM");
        var err = new ByteArrayOutputStream();
        assertThat(run(
                        err,
                        "relay",
                        "--log-level",
                        "warn",
                        "-c",
                        config(ON_FREE_PORTS + """
                [tls]
                cert_mode = "Manual"
                https_bind_addr = "127.0.0.1:0"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                """.formatted(chain, key)).toString()))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("teahouse: relay not started: failed to read .*\\.pem.*"),
                        line -> assertThat(line)
                                .isEqualTo("    tls.manual_cert_path is %s, tls.manual_key_path is %s"
                                        .formatted(chain, key)));
    }

    @Test
    void whatMayNotBeMeantIsLoggedAsAWarning() throws Exception {
        var log = new ByteArrayOutputStream();
        Path config = config("http_bind_addr = \"127.0.0.1:0\"\nenable_metrics = false\naccess.allowlist = []\n");
        var relay = Thread.ofPlatform().start(() -> run(log, "relay", "--log-level", "warn", "-c", config.toString()));
        while (log.size() == 0) {
            assertThat(relay.join(Duration.ofMillis(10))).isFalse();
        }
        relay.interrupt();
        relay.join();
        assertThat(log.toString(UTF_8))
                .endsWith(
                        "WARN  relay: %s:3: access.allowlist: is empty: nobody may use this relay\n".formatted(config));
    }

    private Path config(String toml) throws IOException {
        return Files.writeString(folder.resolve("relay.toml"), toml);
    }

    private static int run(ByteArrayOutputStream err, String... args) {
        return Main.run(Map.of(), System.out, new PrintStream(err, true, UTF_8), args);
    }

    private static URI awaitUrl(BufferedReader log, List<String> lines) throws IOException {
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            lines.add(line);
            var matcher = RELAY_URL.matcher(line);
            if (matcher.find()) {
                return URI.create(matcher.group(1));
            }
        }
        throw new AssertionError("relay: ended, it said: " + lines);
    }

    private static String metrics(List<String> lines) throws IOException, InterruptedException {
        var line = lines.stream().filter(each -> each.contains("metrics on ")).findFirst();
        var url = URI.create(line.orElseThrow().replaceFirst(".*metrics on ", ""));
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private static int ping(URI relay) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(relay.resolve("/ping")).build(), BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
