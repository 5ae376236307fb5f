package io.teahouse.cli;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code teahouse check-config}: says all that is wrong with a configuration, and starts nothing. */
@Command(
        name = "check-config",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        header = "Says all that is wrong with a relay's configuration; starts nothing.",
        footer = {"", "Exit code: 0 the relay would start with it, if its addresses are free; 2 it is to be mended."})
final class CheckConfigCommand implements Callable<Integer> {
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--dev", description = "As the relay would read it with --dev.")
    private boolean dev;

    @Parameters(paramLabel = "FILE", description = "Configuration in TOML.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private Path file;

    CheckConfigCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        RelayFile read;
        try {
            read = RelayFile.read(Optional.of(file), dev, environment);
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return 2;
        }
        try {
            RelayServer.check(read.server());
        } catch (IOException e) {
            err.println(StartFailure.explain(e, read.server()));
            return 2;
        }
        for (var notice : read.notices()) {
            out.println(notice.in(read.name()));
        }
        out.printf("%s: fine, open to %s%n", file, read.whoMayUse());
        return 0;
    }
}
