package io.teahouse.cli.admin;

import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code teahouse admin drain}: ends a relay in order, as SIGTERM does, and waits for its end. */
@Command(name = "drain", header = "Sends a relay's clients away and ends it, as SIGTERM does; waits until it has gone.")
final class DrainCommand extends AdminCall {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    DrainCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException, InterruptedException {
        var begun = AdminClient.orFail(client.exchange("POST", "/drain"));
        if (json()) {
            out().println(begun.body());
        } else {
            var clients = begun.json().text("clients");
            err().println(
                            clients.equals("1")
                                    ? "draining, 1 client is sent away"
                                    : "draining, %s clients are sent away".formatted(clients));
        }
        while (true) {
            String left;
            try {
                left = client.ask("GET", "/status").text("clients");
            } catch (AdminException _) {
                break; // nobody listens there any more
            }
            if (!json()) {
                err().println("%s clients left".formatted(left));
            }
            Thread.sleep(PAUSE);
        }
        if (!json()) {
            out().println("drained");
        }
        return 0;
    }
}
