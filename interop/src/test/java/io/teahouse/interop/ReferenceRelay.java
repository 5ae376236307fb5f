package io.teahouse.interop;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/** The reference's relay server as a program on a port of the loopback address. */
final class ReferenceRelay implements AutoCloseable {
    private static final Pattern SERVING =
            Pattern.compile("\\[HTTPS?/WSS?\\] relay: serving on 127\\.0\\.0\\.1:(\\d+)");

    private final int quicPort = FreePort.find();
    private final Path program;
    private final boolean tls;
    private final String settings;
    private final TestCertificateAuthority authority = TestCertificateAuthority.create();
    private final Path directory;
    private volatile Program running;
    private final int port;

    private ReferenceRelay(Path program, boolean tls, String settings) throws IOException {
        this.program = program;
        this.tls = tls;
        this.settings = settings;
        this.directory = Files.createTempDirectory("teahouse-reference-relay");
        this.running = run(0);
        this.port = port(running);
    }

    /**
     * Starts it.
     *
     * @param program  where it is
     * @param tls      whether behind TLS
     * @param settings lines to put first into its configuration
     */
    static ReferenceRelay start(Path program, boolean tls, String settings) throws IOException {
        return new ReferenceRelay(program, tls, settings);
    }

    private Program run(int port) throws IOException {
        var config = new StringBuilder(settings
                + "enable_quic_addr_discovery = %s\n".formatted(tls)
                + "enable_metrics = false\nhttp_bind_addr = \"127.0.0.1:%d\"\n".formatted(tls ? 0 : port));
        if (tls) {
            var files = authority.issue(directory, "localhost", "127.0.0.1", "::1");
            config.append("""
                    [tls]
                    https_bind_addr = "127.0.0.1:%d"
                    quic_bind_addr = "[::]:%d"
                    cert_mode = "Manual"
                    manual_cert_path = "%s"
                    manual_key_path = "%s"
                    """.formatted(port, quicPort, files.chain(), files.privateKey()));
        }
        var file = Files.writeString(directory.resolve("relay.toml"), config);
        var builder = new ProcessBuilder(program.toString(), "--config-path", file.toString());
        builder.environment().put("RUST_LOG", "info");
        return Program.start("reference relay", builder);
    }

    private static int port(Program relay) throws IOException {
        try {
            return relay.await("port", line -> {
                var matcher = SERVING.matcher(line);
                return matcher.find() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the reference relay was starting", e);
        }
    }

    int quicPort() {
        return quicPort;
    }

    URI url() {
        return URI.create("%s://127.0.0.1:%d/".formatted(tls ? "https" : "http", port));
    }

    TestCertificateAuthority authority() {
        return authority;
    }

    void restart() throws IOException {
        running.close();
        running = run(port);
        port(running);
    }

    @Override
    public void close() {
        running.close();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
