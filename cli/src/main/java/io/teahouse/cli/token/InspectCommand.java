package io.teahouse.cli.token;

import io.teahouse.core.FormatException;
import io.teahouse.core.token.RelayToken;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code teahouse token inspect}: shows what is in a token. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        header = "Shows what is in a token.",
        footer = {"", "Exit code: 0 it is a token, 1 it is none, 2 command line to be mended."})
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Parameters(paramLabel = "TOKEN", description = "As endpoints present it.")
    @SuppressWarnings("NullAway.Init") // required
    private String text;

    @Option(names = "--json", description = "One object in JSON; times are Unix seconds.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            var token = RelayToken.parse(text);
            spec.commandLine().getOut().println(json ? TokenText.json(token) : TokenText.table(token));
            return 0;
        } catch (FormatException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }
}
