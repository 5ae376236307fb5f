package io.teahouse.cli;

import io.teahouse.cli.logging.LogLevel;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code teahouse relay}: reads the configuration and runs a relay until a signal ends it. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        header = "Runs a relay until SIGTERM or SIGINT (Ctrl-C).",
        description = {
            "",
            "Without a file: plain HTTP on [::]:80, metrics on 127.0.0.1:9090, open to every endpoint.",
            ""
        },
        footer = {
            "",
            "Try it:   teahouse relay --dev",
            "",
            "SIGHUP has it read its configuration again; a second SIGTERM or SIGINT ends it at once.",
            "",
            "TEAHOUSE_LOG    log level, where --log-level is not given",
            "TEAHOUSE_<KEY>  replaces a key of the file: TEAHOUSE_TLS_CERT_MODE for tls.cert_mode",
            "",
            "Exit code: 0 stopped by a signal, 1 could not end in order, 2 something is to be mended first."
        })
final class RelayCommand implements Callable<Integer> {
    static final String LOG_VARIABLE = "TEAHOUSE_LOG";

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--dev",
            description =
                    "Plain HTTP only, even when the file has [tls]; port 3340 unless the file has" + " http_bind_addr.")
    private boolean dev;

    @Option(
            names = {"-c", "--config-path"},
            paramLabel = "FILE",
            description = "Configuration in TOML, with the keys of iroh's relay. Relative paths in it start at the"
                    + " working directory.")
    private @Nullable Path configPath;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "off, error, warn, info (the default), debug or trace.")
    private @Nullable String logLevel;

    @Option(
            names = "--print-config",
            description = "Prints every key with the value that would be in force, and where it comes from;"
                    + " starts nothing.")
    private boolean printConfig;

    RelayCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        var level = logLevel(options(), environment)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "%s: \"%s\" (expected: one of %s)"
                                .formatted(
                                        logLevel == null ? LOG_VARIABLE : "--log-level",
                                        logLevel == null ? environment.get(LOG_VARIABLE) : logLevel,
                                        LogLevel.names())));
        if (printConfig) {
            return PrintedConfig.print(options(), environment, out, err);
        }
        return new RelayRun(options(), environment, level, err).run();
    }

    RelayOptions options() {
        return new RelayOptions(dev, Optional.ofNullable(configPath), Optional.ofNullable(logLevel));
    }

    /** How much to log: what the options say, else what the environment says, else the default; empty if no such level is. */
    static Optional<LogLevel> logLevel(RelayOptions options, Map<String, String> environment) {
        if (options.logLevel().isPresent()) {
            return LogLevel.parse(options.logLevel().get());
        }
        String fromEnvironment = environment.getOrDefault(LOG_VARIABLE, "");
        return fromEnvironment.isEmpty() ? Optional.of(LogLevel.INFO) : LogLevel.parse(fromEnvironment);
    }
}
