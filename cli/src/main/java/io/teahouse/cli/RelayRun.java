package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.logging.LogLevel;
import io.teahouse.cli.logging.Logging;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/**
 * One relay from its start to its end: starts it, says where it is, and waits until a signal, or an interrupt of the
 * thread that runs it, ends it in order.
 */
final class RelayRun {
    private final RelayOptions options;
    private final LogLevel level;
    private final Map<String, String> environment;
    private final PrintStream err;

    RelayRun(RelayOptions options, LogLevel level, Map<String, String> environment, PrintStream err) {
        this.options = options;
        this.level = level;
        this.environment = environment;
        this.err = err;
    }

    /** Returns the exit code. */
    int run() {
        RelayFile file;
        try {
            file = options.configPath().isPresent()
                    ? RelayFile.read(options.configPath().get(), options.dev(), environment)
                    : RelayFile.builtIn(options.dev());
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return 2;
        }
        Logging.start(level, err);
        return serve(file);
    }

    private int serve(RelayFile file) {
        var log = System.getLogger(RelayRun.class.getName());
        log.log(INFO, StartReport.configuration(options.configPath()));
        for (var notice : file.notices()) {
            log.log(
                    WARNING,
                    "relay: %s:%d: %s: %s"
                            .formatted(options.configPath().orElseThrow(), notice.line(), notice.key(), notice.text()));
        }
        try (var end = OrderlyEnd.prepare()) {
            var server = RelayServer.start(file.server());
            end.entrust(server);
            var listening =
                    new StartReport.Listening(server.httpAddress(), server.httpsAddress(), server.metricsAddress());
            StartReport.lines(file, listening).forEach(line -> log.log(INFO, line));
            server.awaitClosed();
        } catch (IOException e) {
            err.println(StartFailure.explain(e, file.server()));
            return 1;
        } catch (InterruptedException _) {
            // The try has closed the relay; whoever interrupts a relay wants just that.
        }
        return 0;
    }
}
