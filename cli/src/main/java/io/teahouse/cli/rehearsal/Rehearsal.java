package io.teahouse.cli.rehearsal;

import io.teahouse.cli.logging.LogFormat;
import io.teahouse.cli.logging.LogLevel;
import io.teahouse.cli.logging.Logging;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts a relay over TLS, as a process of its own, asks it for all that it serves, sends datagrams through it, and
 * stops it with a signal. The relay's JVM is told to keep what it has learnt ({@code -XX:AOTCacheOutput}).
 */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * Rehearses.
     *
     * @param args a folder to write in, which holds {@code rehearsal.p12}, a PKCS#12 store with a key and its
     *             certificate for 127.0.0.1, password {@code rehearsal}; and the command that is {@code teahouse}
     * @throws Exception if anything is not as it should be
     */
    public static void main(String[] args) throws Exception {
        Logging.start(LogLevel.WARN, LogFormat.TEXT, System.err);
        Path folder = Path.of(args[0]);
        var certificate = RehearsalCertificate.read(folder.resolve("rehearsal.p12"));
        Path config = writeConfig(folder, certificate);

        List<String> command = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
        command.addAll(List.of("relay", "-c", config.toString()));
        try (var stage = Stage.open(command)) {
            try (var audience = new Audience(stage.relayUrl(), certificate.trustingContext())) {
                audience.askForEverything();
                audience.askForMetrics(stage.metricsUrl());
                audience.exchangeDatagrams();
            }
        }
    }

    private static Path writeConfig(Path folder, RehearsalCertificate certificate) throws Exception {
        return Files.writeString(folder.resolve("relay.toml"), """
                http_bind_addr = "127.0.0.1:0"
                metrics_bind_addr = "127.0.0.1:0"
                access = "everyone"

                [tls]
                https_bind_addr = "127.0.0.1:0"
                cert_mode = "Manual"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                """.formatted(
                        certificate.writeChain(folder), certificate.writeKey(folder)));
    }
}
