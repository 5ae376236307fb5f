package io.teahouse.cli.admin;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code teahouse admin}: holds the commands that ask a running relay. */
@Command(
        name = "admin",
        mixinStandardHelpOptions = true,
        header = "Asks a running relay, and tells it what to do.",
        description = {"", "Its configuration has to set admin.bind_addr.", ""},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'teahouse admin COMMAND --help' tells more about a command."})
public final class AdminCommands implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    private AdminCommands() {}

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /**
     * Adds {@code admin} to a program.
     *
     * @param program     what it is added to; what it prints goes where that prints
     * @param environment the environment variables
     * @param version     what {@code --version} shows
     */
    public static void addTo(
            CommandLine program, Map<String, String> environment, CommandLine.IVersionProvider version) {
        var admin = new CommandLine(new AdminCommands())
                .addSubcommand(new ClientsCommand(environment))
                .addSubcommand(new DisconnectCommand(environment))
                .addSubcommand(new DrainCommand(environment))
                .addSubcommand(new ReloadCommand(environment))
                .addSubcommand(new ConfigCommand(environment))
                .addSubcommand(new StatusCommand(environment));
        program.addSubcommand(admin);
        admin.getCommandSpec().versionProvider(version);
        admin.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().versionProvider(version));
    }
}
