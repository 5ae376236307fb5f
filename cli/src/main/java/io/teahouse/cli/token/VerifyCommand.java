package io.teahouse.cli.token;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.server.access.TokenRefusal;
import io.teahouse.relay.server.access.TokenRules;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code teahouse token verify}: tells whether a relay would let somebody in by a token, and if not, why. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        header = "Tells whether a token lets an endpoint use a relay, now.",
        footer = {"", "Exit code: 0 it does, 1 it does not, 2 command line to be mended."})
final class VerifyCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Parameters(paramLabel = "TOKEN", description = "As endpoints present it.")
    @SuppressWarnings("NullAway.Init") // required
    private String text;

    @Option(
            names = "--issuer",
            paramLabel = "ID",
            required = true,
            description = "Whose tokens the relay accepts. May be given several times.")
    private List<EndpointId> issuers = List.of();

    @Option(
            names = "--endpoint",
            paramLabel = "ID",
            description = "Who presents it; without this, the endpoint that it is for.")
    private @Nullable EndpointId endpoint;

    VerifyCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        var refusal = refusal(rules());
        spec.commandLine()
                .getOut()
                .println(refusal.map(reason -> "not valid: " + reason).orElse("valid"));
        return refusal.isEmpty() ? 0 : 1;
    }

    private TokenRules rules() {
        try {
            return new TokenRules(Set.copyOf(issuers), TokenRules.DEFAULT_CLOCK_SKEW_SECONDS);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> refusal(TokenRules rules) {
        try {
            return rules.refusal(
                            RelayToken.parse(text),
                            Optional.ofNullable(endpoint),
                            clock.instant().getEpochSecond())
                    .map(TokenRefusal::toString);
        } catch (FormatException e) {
            return Optional.of("%s, %s".formatted(TokenRefusal.MALFORMED, e.getMessage()));
        }
    }
}
