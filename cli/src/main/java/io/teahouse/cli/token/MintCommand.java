package io.teahouse.cli.token;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code teahouse token mint}: prints a new token. */
@Command(
        name = "mint",
        mixinStandardHelpOptions = true,
        header = "Prints a new token for an endpoint.",
        description = {
            "",
            "It is signed with an API key: the text that begins with \"services\", or the key itself in hex or base32.",
            ""
        },
        footer = {
            "",
            "IROH_SERVICES_API_SECRET    the API key, where no option says it",
            "",
            "Exit code: 0 done, 2 command line or secret to be mended."
        })
final class MintCommand implements Callable<Integer> {
    private final SecretSource secrets;
    private final InstantSource clock;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(names = "--secret-file", paramLabel = "FILE", description = "File with the API key; - for standard input.")
    private @Nullable String secretFile;

    @Option(
            names = "--secret",
            paramLabel = "SECRET",
            description = "The API key itself; everybody on this machine can see it while the program runs.")
    private @Nullable String secret;

    @Option(names = "--endpoint", paramLabel = "ID", required = true, description = "Who may present the token.")
    @SuppressWarnings("NullAway.Init") // required
    private EndpointId endpoint;

    @Option(
            names = "--expires-in",
            paramLabel = "TIME",
            defaultValue = "30d",
            description = "How long it holds: such as 30d (the default), 12h, 90m, 600s, or never.")
    @SuppressWarnings("NullAway.Init") // has a default
    private Lifetime expiresIn;

    @Option(
            names = "--capability",
            paramLabel = "NAME",
            defaultValue = "relay:use",
            description = "What it permits: relay:use (the default), client, all, metrics:put-any,"
                    + " net-diagnostics:put-any, net-diagnostics:get-any. May be given several times.")
    private List<Capability> capabilities = List.of();

    MintCommand(Map<String, String> environment, InputStream in, InstantSource clock) {
        this.secrets = new SecretSource(environment, in);
        this.clock = clock;
    }

    @Override
    public Integer call() {
        if (secret != null && secretFile != null) {
            throw new ParameterException(spec.commandLine(), "--secret and --secret-file (expected: one of them)");
        }
        try {
            var key = secrets.read(Optional.ofNullable(secret), Optional.ofNullable(secretFile));
            var token = RelayToken.mint(
                    key,
                    endpoint,
                    EnumSet.copyOf(capabilities),
                    expiresIn.expiry(clock.instant().getEpochSecond()));
            spec.commandLine().getOut().println(token.toText());
            return 0;
        } catch (FormatException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }
}
