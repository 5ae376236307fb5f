package io.teahouse.cli.admin;

import io.teahouse.cli.text.SmallFile;
import java.io.PrintWriter;
import java.net.URI;
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

/** What the commands have in common: whom they ask, what they show, and how they fail. */
@Command(
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code: 0 done, 1 the relay cannot do it, 2 no relay there, or something is to be mended."})
abstract sealed class AdminCall implements Callable<Integer>
        permits ClientsCommand, DisconnectCommand, DrainCommand, ReloadCommand, ConfigCommand, StatusCommand {
    private static final String TOKEN_VARIABLE = "TEAHOUSE_ADMIN_TOKEN";
    private static final int TOKEN_BYTES_MAX = 16 << 10;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9091",
            description = "The admin listener; the default is http://127.0.0.1:9091.")
    @SuppressWarnings("NullAway.Init") // it has a default
    private URI url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File with the relay's admin.token; without it TEAHOUSE_ADMIN_TOKEN or TEAHOUSE_ADMIN_TOKEN_FILE"
                            + " of the environment.")
    private @Nullable Path tokenFile;

    @Option(names = "--json", description = "What the relay answers, in JSON.")
    private boolean json;

    AdminCall(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Asks, and shows what came of it; returns the exit code. */
    abstract int call(AdminClient client) throws AdminException, InterruptedException;

    @Override
    public final Integer call() {
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            throw new ParameterException(
                    spec.commandLine(), "--url: \"%s\" (expected: http://... or https://...)".formatted(url));
        }
        try {
            return call(new AdminClient(url, token()));
        } catch (AdminException e) {
            err().println(e.getMessage());
            return e.exitCode();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private Optional<String> token() throws AdminException {
        String inFile = environment.getOrDefault(TOKEN_VARIABLE + "_FILE", "");
        var file = tokenFile == null && !inFile.isEmpty() ? Path.of(inFile) : tokenFile;
        String given = environment.getOrDefault(TOKEN_VARIABLE, "");
        if (file == null || (tokenFile == null && !given.isEmpty())) {
            return Optional.of(given).filter(token -> !token.isEmpty());
        }
        try {
            return Optional.of(SmallFile.read(file, TOKEN_BYTES_MAX).strip());
        } catch (SmallFile.UnreadableException e) {
            throw new AdminException(2, "%s: %s".formatted(file, e.getMessage()));
        }
    }

    final boolean json() {
        return json;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
