package io.teahouse.cli;

import io.teahouse.cli.text.Spelling;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user reads who wrote a command line that nobody understands. */
final class UsageError {
    private UsageError() {}

    /** Says what was not understood, what may have been meant, and what can be written; exit code 2. */
    static int explain(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        var err = command.getErr();
        if (error instanceof UnmatchedArgumentException unmatched) {
            String written = unmatched.getUnmatched().getFirst();
            err.println("%s: unknown %s: %s".formatted(name, written.startsWith("-") ? "option" : "argument", written));
            Spelling.nearest(written, names(command))
                    .ifPresent(known -> err.println("    did you mean %s?".formatted(known)));
        } else {
            err.println("%s: %s".formatted(name, error.getMessage()));
        }
        err.print(command.getHelp().synopsisHeading() + command.getHelp().synopsis(0));
        err.println("'%s --help' tells more.".formatted(name));
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static List<String> names(CommandLine command) {
        var names = new ArrayList<>(command.getSubcommands().keySet());
        command.getCommandSpec().optionsMap().keySet().stream()
                .filter(option -> option.startsWith("--"))
                .forEach(names::add);
        return names;
    }
}
