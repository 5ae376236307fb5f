package io.teahouse.cli;

import io.teahouse.cli.admin.AdminCommands;
import io.teahouse.cli.logging.Logging;
import io.teahouse.cli.report.ReportCommand;
import io.teahouse.cli.token.KeyAndTokenCommands;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The entry of the {@code teahouse} program. */
public final class Main {
    /** Columns of the help texts, whatever the terminal: asking it would start another process. */
    private static final int HELP_WIDTH = 100;

    private Main() {}

    /**
     * Runs the program and ends the process with its exit code.
     *
     * @param args what follows {@code teahouse} on the command line
     */
    public static void main(String[] args) {
        int exitCode = run(System.getenv(), System.out, System.err, args);
        if (exitCode != 0) { // else the process ends by itself; System.exit would start the logging to tell of it
            System.exit(exitCode);
        }
    }

    /**
     * Runs the program within a process that goes on. A relay then runs until the calling thread is interrupted.
     *
     * @param environment the environment variables
     * @param out         what was asked for is written here
     * @param err         what went wrong and what is logged is written here
     * @param args        what follows {@code teahouse} on the command line
     * @return the exit code: 0 when done, 1 when it did not end in order, 2 when the command line, the
     *         configuration or the machine has to be mended first
     */
    public static int run(Map<String, String> environment, PrintStream out, PrintStream err, String... args) {
        Logging.prepare();
        var plain = RelayOptions.ofPlain(args);
        var level = plain.flatMap(options -> RelayCommand.logLevel(options, environment));
        if (plain.isPresent() && level.isPresent()) {
            return new RelayRun(plain.get(), environment, level.get(), err).run();
        }
        return commandLine(environment, out, err).execute(args);
    }

    static CommandLine commandLine(Map<String, String> environment, PrintStream out, PrintStream err) {
        return commandLine(environment, System.in, InstantSource.system(), out, err);
    }

    static CommandLine commandLine(
            Map<String, String> environment, InputStream in, InstantSource clock, PrintStream out, PrintStream err) {
        var program = new CommandLine(new TeahouseCommand())
                .addSubcommand(new RelayCommand(environment, out, err))
                .addSubcommand(new CheckConfigCommand(environment, out, err))
                .addSubcommand(new HealthcheckCommand(environment, out, err));
        ReportCommand.addTo(program, new Version.Provider());
        AdminCommands.addTo(program, environment, new Version.Provider());
        KeyAndTokenCommands.addTo(program, environment, in, clock, new Version.Provider());
        return program.setOut(new PrintWriter(out, true, out.charset()))
                .setErr(new PrintWriter(err, true, err.charset()))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(HELP_WIDTH)
                .setParameterExceptionHandler(UsageError::explain);
    }
}
