package io.teahouse.cli.rehearsal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Starts a relay as {@code teahouse relay} would, once without and once with TLS, asks it for all that it serves,
 * sends datagrams through it, and stops it. The JVM that runs this is told to keep what it has learnt
 * ({@code -XX:AOTCacheOutput}).
 */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * Rehearses.
     *
     * @param args a folder to write in, which holds {@code rehearsal.p12}, a PKCS#12 store with a key and its
     *             certificate for 127.0.0.1, password {@code rehearsal}
     * @throws Exception if anything is not as it should be
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        var certificate = RehearsalCertificate.read(folder.resolve("rehearsal.p12"));

        String everywhere = """
                http_bind_addr = "127.0.0.1:0"
                metrics_bind_addr = "127.0.0.1:0"
                """;
        rehearse(write(folder.resolve("plain.toml"), everywhere), certificate);
        rehearse(
                write(folder.resolve("tls.toml"), everywhere + """
                [tls]
                https_bind_addr = "127.0.0.1:0"
                cert_mode = "Manual"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                """.formatted(certificate.writeChain(folder), certificate.writeKey(folder))),
                certificate);
    }

    private static Path write(Path file, String toml) throws IOException {
        return Files.writeString(file, toml);
    }

    private static void rehearse(Path config, RehearsalCertificate certificate) throws Exception {
        try (var stage = Stage.open(config);
                var audience = new Audience(stage.relayUrl(), certificate.trustingContext())) {
            audience.askForEverything();
            audience.askForMetrics(stage.metricsUrl());
            audience.exchangeDatagrams();
        }
    }
}
