package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code teahouse healthcheck}, at relays that are ready, that are not, and that are none. */
class HealthcheckTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int check(Map<String, String> environment, String... options) {
        var args = new String[options.length + 1];
        args[0] = "healthcheck";
        System.arraycopy(options, 0, args, 1, options.length);
        return Main.run(environment, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), args);
    }

    private static RelayServer relay() throws IOException {
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return RelayServer.builder().http(any).metrics(any).start();
    }

    private static int metricsPort(RelayServer relay) {
        return relay.metricsAddress().orElseThrow().getPort();
    }

    @Test
    void aRelayThatTakesClientsIsReadyWhereverItsAddressIsSaid() throws Exception {
        try (var relay = relay()) {
            int port = metricsPort(relay);
            var file = Files.writeString(
                    folder.resolve("relay.toml"), "metrics_bind_addr = \"0.0.0.0:%d\"".formatted(port));

            assertThat(check(Map.of(), "--url", "http://127.0.0.1:%d/readyz".formatted(port)))
                    .isZero();
            assertThat(check(Map.of(), "-c", file.toString())).isZero();
            assertThat(check(Map.of("TEAHOUSE_METRICS_BIND_ADDR", "127.0.0.1:" + port)))
                    .isZero();
            assertThat(out.toString(UTF_8)).isEqualTo("ready\nready\nready\n");
            assertThat(err.toString(UTF_8)).isEmpty();
        }
    }

    @Test
    void aRelayThatIsNotReadyIsReportedWithItsReason() throws Exception {
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var nobody = URI.create("https://127.0.0.1:1/directory");
        var certificate = new CertificateSource.Acme(
                List.of("relay.example"), "ops@relay.example", nobody, folder.resolve("cache"), List.of());
        try (var relay = RelayServer.builder()
                .http(any)
                .metrics(any)
                .tls(new RelayServerConfig.Tls(any, certificate))
                .start()) {
            assertThat(check(Map.of(), "--url", "http://127.0.0.1:%d/readyz".formatted(metricsPort(relay))))
                    .isEqualTo(1);
            assertThat(err.toString(UTF_8)).startsWith("teahouse: not ready: ").contains("certificate");
        }
    }

    @Test
    void whatIsNoRelayIsNotReady() throws Exception {
        try (var relay = relay()) {
            String other = "http://127.0.0.1:%d/ready".formatted(metricsPort(relay));
            assertThat(check(Map.of(), "--url", other)).isEqualTo(1);
            assertThat(err.toString(UTF_8))
                    .isEqualTo(
                            "teahouse: %s: status 404 (expected: 200, as /readyz of a relay gives)\n".formatted(other));
        }
    }

    @Test
    void whereNobodyListensNobodyIsReady() throws Exception {
        int port;
        try (var relay = relay()) {
            port = metricsPort(relay);
        }
        assertThat(check(Map.of(), "--url", "http://127.0.0.1:%d/readyz".formatted(port)))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("nobody listens there");
    }

    @Test
    void aRelayThatHangsIsNotReady() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:%d/readyz".formatted(silent.getLocalPort());
            assertThat(check(Map.of(), "--url", url, "--timeout", "1")).isEqualTo(1);
            assertThat(err.toString(UTF_8)).isEqualTo("teahouse: %s: no answer within 1 s\n".formatted(url));
        }
    }

    @Test
    void aQuestionThatCannotBeAskedIsToBeMended() throws Exception {
        var file = Files.writeString(folder.resolve("relay.toml"), "enable_metrics = false");
        assertThat(check(Map.of(), "-c", file.toString())).isEqualTo(2);
        assertThat(check(Map.of(), "-c", folder.resolve("none.toml").toString()))
                .isEqualTo(2);
        assertThat(check(Map.of(), "--url", "ftp://127.0.0.1/")).isEqualTo(2);
        assertThat(check(Map.of(), "--timeout", "0")).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("enable_metrics is false", "none.toml: ", "--url: \"ftp://", "--timeout: 0");
    }
}
