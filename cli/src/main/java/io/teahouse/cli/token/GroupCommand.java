package io.teahouse.cli.token;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only holds others. */
abstract sealed class GroupCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Override
    public final Integer call() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** {@code teahouse token}. */
    @Command(
            name = "token",
            mixinStandardHelpOptions = true,
            header = "Makes and examines the tokens that let endpoints use a relay.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {"", "'teahouse token COMMAND --help' tells more about a command."})
    static final class Token extends GroupCommand {}

    /** {@code teahouse key}. */
    @Command(
            name = "key",
            mixinStandardHelpOptions = true,
            header = "Makes keys, for endpoints and for signing tokens.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {"", "'teahouse key COMMAND --help' tells more about a command."})
    static final class Key extends GroupCommand {}
}
