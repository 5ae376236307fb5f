package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.cli.config.RelayFile;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One relay from its start to its end: starts it, says where it is, and waits until a signal, or an interrupt of the
 * thread that runs it, ends it in order.
 */
final class RelayRun {
    private static final System.Logger LOG = System.getLogger(RelayRun.class.getName());

    private final RelayFile file;
    private final Optional<Path> configPath;
    private final PrintStream err;

    RelayRun(RelayFile file, Optional<Path> configPath, PrintStream err) {
        this.file = file;
        this.configPath = configPath;
        this.err = err;
    }

    /** Returns the exit code. */
    int run() {
        LOG.log(INFO, StartReport.configuration(configPath));
        for (var notice : file.notices()) {
            LOG.log(
                    WARNING,
                    "relay: %s:%d: %s: %s"
                            .formatted(configPath.orElseThrow(), notice.line(), notice.key(), notice.text()));
        }
        RelayServer server;
        try {
            server = RelayServer.start(file.server());
        } catch (IOException e) {
            err.println(StartFailure.explain(e, file.server()));
            return 1;
        }
        try (var _ = OrderlyEnd.of(server)) {
            report(server);
            server.awaitClosed();
        } catch (InterruptedException _) {
            // The try has closed the relay; whoever interrupts a relay wants just that.
        }
        return 0;
    }

    private void report(RelayServer server) {
        var listening = new StartReport.Listening(server.httpAddress(), server.httpsAddress(), server.metricsAddress());
        for (String line : StartReport.lines(file, listening)) {
            LOG.log(INFO, line);
        }
    }
}
