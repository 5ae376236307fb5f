package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.logging.LogFormat;
import io.teahouse.cli.logging.LogLevel;
import io.teahouse.cli.logging.Logging;
import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/**
 * One relay from its start to its end: starts it, says where it is, and waits until a signal, or an interrupt of the
 * thread that runs it, ends it in order.
 */
final class RelayRun {
    static final String LOG_FORMAT_VARIABLE = "TEAHOUSE_LOG_FORMAT";

    private final RelayOptions options;
    private final Map<String, String> environment;
    private final ServiceManager serviceManager;
    private final LogLevel level;
    private final PrintStream err;

    RelayRun(RelayOptions options, Map<String, String> environment, LogLevel level, PrintStream err) {
        this.environment = environment;
        this.serviceManager = new ServiceManager(environment);
        this.options = options;
        this.level = level;
        this.err = err;
    }

    /** Returns the exit code. */
    int run() {
        RelayFile file;
        try {
            file = read();
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return 2;
        }
        var format = LogFormat.parse(environment.getOrDefault(LOG_FORMAT_VARIABLE, "text"));
        if (format.isEmpty()) {
            err.printf(
                    "teahouse: %s: \"%s\" (expected: text or json)%n",
                    LOG_FORMAT_VARIABLE, environment.get(LOG_FORMAT_VARIABLE));
            return 2;
        }
        Logging.start(level, format.get(), err);
        return serve(file);
    }

    private RelayFile read() throws ConfigException {
        return RelayFile.read(options.configPath(), options.dev(), environment);
    }

    private int serve(RelayFile file) {
        var log = System.getLogger(RelayRun.class.getName());
        log.log(INFO, StartReport.configuration(options.configPath(), file));
        for (var notice : file.notices()) {
            log.log(WARNING, "relay: " + notice.in(file.name()));
        }
        var reload = new Reload(this::read, file, serviceManager);
        try (var _ = Signals.on("HUP", reload::run);
                var end = OrderlyEnd.prepare(file.drain(), serviceManager)) {
            var server = RelayServer.start(file.server());
            end.entrust(server);
            var listening = StartReport.Listening.of(server, file.server());
            RelayServer.openFileLimit()
                    .ifPresent(files ->
                            log.log(INFO, "relay: up to %d open files, one for each connection".formatted(files)));
            StartReport.lines(file, listening).forEach(line -> log.log(INFO, line));
            server.adminAddress()
                    .ifPresent(address -> log.log(INFO, "relay: admin on http://" + AddressText.of(address)));
            serviceManager.ready("open to " + file.whoMayUse());
            reload.entrust(server);
            server.setAdminOperations(new Operations(reload, Thread.currentThread()::interrupt));
            try (var _ = AccessFileWatch.start(
                            AccessFileWatch.INTERVAL, () -> reload.inForce().accessFile(), reload::runForAccess);
                    var _ = MemoryReturn.start(MemoryReturn.INTERVAL, server::openConnections)) {
                server.awaitClosed();
            }
        } catch (IOException e) {
            err.println(StartFailure.explain(e, file.server()));
            return 2;
        } catch (InterruptedException _) {
            // The try has closed the relay; whoever interrupts a relay wants just that.
        }
        return 0;
    }
}
