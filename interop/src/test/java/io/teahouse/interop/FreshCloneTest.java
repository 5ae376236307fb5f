package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** What the README promises to somebody who has just cloned the project, with what is committed. */
@Tag("slow")
@EnabledIfEnvironmentVariable(
        named = "TEAHOUSE_PEERS",
        matches = "required",
        disabledReason = "SKIPPED. Builds a clone of the project, which takes a minute: ./check does it.")
class FreshCloneTest {
    private static final Duration TIME_TO_BUILD = Duration.ofMinutes(5);
    private static final Pattern LISTENING = Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    private Path folder;

    @Test
    void aFreshCloneRunsARelayForRealEndpoints() throws Exception {
        var clone = folder.resolve("teahouse");
        run(new ProcessBuilder("git", "clone", "--quiet", PeerPackages.root().toString(), clone.toString()));
        // Ports that are free: those of --dev may be in use on this machine.
        var config = Files.writeString(folder.resolve("relay.toml"), """
                http_bind_addr = "127.0.0.1:0"
                enable_metrics = false
                """);

        try (var relay = Program.start(
                "relay in a clone",
                new ProcessBuilder(clone.resolve("teahouse").toString(), "relay", "--dev", "-c", config.toString())
                        .directory(folder.toFile()))) {
            int port = relay.await("the port", TIME_TO_BUILD, line -> {
                var matcher = LISTENING.matcher(line);
                return matcher.find() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
            });
            transfer(URI.create("http://127.0.0.1:%d/".formatted(port)));

            relay.terminate();
            assertThat(relay.awaitExit()).isZero();
        }
    }

    private static void transfer(URI relay) throws Exception {
        try (var listener = PeerProcess.listen(Peer.PYTHON, relay, "--relay-only", "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        Peer.PYTHON,
                        relay,
                        listener.id(),
                        "--relay-only",
                        "--expect",
                        "relay",
                        "--bytes",
                        "5000000",
                        "--datagrams",
                        "50")) {
            dialler.awaitSuccess();
            listener.awaitSuccess();
        }
    }

    private static void run(ProcessBuilder command) throws IOException, InterruptedException {
        try (var program = Program.start(command.command().getFirst(), command)) {
            if (program.awaitExit() != 0) {
                throw program.failure("failed");
            }
        }
    }
}
