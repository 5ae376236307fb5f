package io.teahouse.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program without a command: can only tell about itself. */
@Command(
        name = "teahouse",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        header = "iroh's relay system in Java.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'teahouse COMMAND --help' tells more about a command."})
final class TeahouseCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
