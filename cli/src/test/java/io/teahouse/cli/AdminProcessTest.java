package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code teahouse admin}, at a relay of a process of its own. */
@Timeout(60)
class AdminProcessTest {
    private static final String ON_FREE_PORTS = """
            http_bind_addr = "127.0.0.1:0"
            metrics_bind_addr = "127.0.0.1:0"
            admin.bind_addr = "127.0.0.1:0"
            admin.token = "sencha"
            """;
    private static final Pattern ADMIN_URL = Pattern.compile("admin on (http://\\S+)");
    private static final Map<String, String> TOKEN = Map.of("TEAHOUSE_ADMIN_TOKEN", "sencha");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int admin(Map<String, String> environment, String... args) {
        var line = new ArrayList<>(List.of("admin"));
        line.addAll(List.of(args));
        out.reset();
        err.reset();
        return Main.run(
                environment,
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                line.toArray(String[]::new));
    }

    private String out() {
        return out.toString(UTF_8);
    }

    private String err() {
        return err.toString(UTF_8);
    }

    private static String adminUrl(BufferedReader log) throws IOException {
        for (String line; (line = log.readLine()) != null; ) {
            var found = ADMIN_URL.matcher(line);
            if (found.find()) {
                return found.group(1);
            }
        }
        throw new AssertionError("ended without a line with the admin listener");
    }

    @Test
    void aRelayIsShownReloadedAndDrained() throws Exception {
        var config = folder.resolve("relay.toml");
        var token = Files.writeString(folder.resolve("token"), "sencha\n");
        Files.writeString(config, ON_FREE_PORTS);
        var process = RelayProcess.start(config);
        try (BufferedReader log = process.errorReader()) {
            String url = adminUrl(log);
            assertThat(admin(Map.of(), "status", "--url", url)).isEqualTo(2);
            assertThat(err()).contains("the relay wants its admin.token");
            assertThat(admin(Map.of(), "status", "--url", url, "--token-file", token.toString()))
                    .isZero();
            assertThat(out()).contains("ready         yes\n").contains("clients       0\n");
            assertThat(admin(TOKEN, "clients", "--url", url)).isZero();
            assertThat(out()).startsWith("ENDPOINT").hasLineCount(1);
            assertThat(admin(TOKEN, "clients", "--json", "--url", url)).isZero();
            assertThat(out()).isEqualTo("{\"clients\":[]}\n");
            assertThat(admin(
                            TOKEN,
                            "disconnect",
                            "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6",
                            "--url",
                            url))
                    .isEqualTo(1);
            assertThat(err()).isEqualTo("teahouse: not connected\n");

            Files.writeString(config, ON_FREE_PORTS + "drain_seconds = 7\naccess.allowlist = []\n");
            assertThat(admin(TOKEN, "reload", "--url", url)).isZero();
            assertThat(out()).isEqualTo("""
                    reloaded, open to the 0 endpoints of access.allowlist
                    at the next start: drain_seconds
                    """);
            assertThat(admin(TOKEN, "config", "--url", url)).isZero();
            assertThat(out())
                    .containsPattern("drain_seconds = 5 +# default")
                    .containsPattern("access.allowlist = \\[\\] +# .*relay.toml:6")
                    .contains("admin.token = \"***\"")
                    .doesNotContain("sencha");
            Files.writeString(config, ON_FREE_PORTS + "acess = 1\n");
            assertThat(admin(TOKEN, "reload", "--url", url)).isEqualTo(1);
            assertThat(err())
                    .startsWith("teahouse: not reloaded, all stays as it is: ")
                    .contains("acess");

            assertThat(admin(TOKEN, "drain", "--url", url)).isZero();
            assertThat(out()).isEqualTo("drained\n");
            assertThat(log.lines().toList())
                    .anyMatch(line -> line.contains("admin: /drain asked by 127.0.0.1"))
                    .noneMatch(line -> line.contains("sencha"));
            assertThat(process.waitFor()).isZero();
            assertThat(admin(TOKEN, "status", "--url", url)).isEqualTo(2);
            assertThat(err()).contains("admin.bind_addr");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anAddressOfOtherMachinesNeedsAToken() throws Exception {
        var config = Files.writeString(folder.resolve("relay.toml"), "admin.bind_addr = \"0.0.0.0:9091\"\n");
        int exitCode = Main.run(
                Map.of(),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                "check-config",
                config.toString());
        assertThat(exitCode).isEqualTo(2);
        assertThat(err()).contains("admin.token", "other machines reach that address");
    }
}
