package io.teahouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Issuers that come and go while a relay runs: their file is all that has to change. */
@Timeout(60)
class AccessFileWatchTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";
    private static final String OTHER_ID = "5866666666666666666666666666666666666666666666666666666666666666";
    private static final String ONE = "endpoints with a token of the 1 issuer of access.tokens";
    private static final String TWO = "endpoints with a token of the 2 issuers of access.tokens";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void changedIssuersAreInForceAndThoseThatCannotBeUsedAreNot() throws Exception {
        Path issuers = Files.writeString(folder.resolve("issuers"), ID);
        Files.writeString(folder.resolve("relay.toml"), """
                http_bind_addr = "127.0.0.1:0"
                enable_metrics = false
                access.tokens.issuers_file = "%s"
                """.formatted(issuers));
        var atStart = read();
        var reload = new Reload(this::read, atStart, new ServiceManager(Map.of()));
        var looks = new Semaphore(0);
        var changes = new Semaphore(0);
        Supplier<Optional<Path>> file = () -> {
            looks.release();
            return reload.inForce().accessFile();
        };
        try (var server = RelayServer.start(atStart.server());
                var _ = AccessFileWatch.start(Duration.ofMillis(5), file, () -> {
                    reload.runForAccess();
                    changes.release();
                })) {
            reload.entrust(server);
            assertThat(reload.inForce().whoMayUse()).isEqualTo(ONE);

            replace(issuers, ID + "\n" + OTHER_ID);
            await(changes, 1);
            assertThat(reload.inForce().whoMayUse()).isEqualTo(TWO);

            replace(issuers, "no id");
            await(changes, 1);
            assertThat(reload.inForce().whoMayUse()).isEqualTo(TWO);

            replace(issuers, OTHER_ID);
            await(changes, 1);
            assertThat(reload.inForce().whoMayUse()).isEqualTo(ONE);

            looks.drainPermits();
            await(looks, 10);
            assertThat(changes.availablePermits())
                    .as("told once of each change")
                    .isZero();
        }
    }

    private RelayFile read() throws ConfigException {
        return RelayFile.read(Optional.of(folder.resolve("relay.toml")), false, Map.of());
    }

    /** At once, so that nobody sees half of it. */
    private void replace(Path file, String text) throws IOException {
        Files.move(
                Files.writeString(folder.resolve("new"), text),
                file,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    private static void await(Semaphore events, int count) throws InterruptedException {
        assertThat(events.tryAcquire(count, 30, TimeUnit.SECONDS)).isTrue();
    }
}
