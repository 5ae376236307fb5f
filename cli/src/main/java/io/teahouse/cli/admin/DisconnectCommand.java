package io.teahouse.cli.admin;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code teahouse admin disconnect}: ends connections of an endpoint, which may come back. */
@Command(
        name = "disconnect",
        header = "Ends the connections of an endpoint; it may come back unless access control refuses it.")
final class DisconnectCommand extends AdminCall {
    @Parameters(paramLabel = "ID", description = "The endpoint.")
    @SuppressWarnings("NullAway.Init") // required
    private String id;

    @Option(names = "--connection", paramLabel = "NUMBER", description = "Only this one of its connections.")
    private @Nullable Long connection;

    DisconnectCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException {
        String which = Optional.ofNullable(connection)
                .map(number -> "?connection=" + number)
                .orElse("");
        var answer = AdminClient.orFail(client.exchange("POST", Paths.clients("/", id) + "/disconnect" + which));
        out().println(json() ? answer.body() : "disconnected");
        return 0;
    }
}
