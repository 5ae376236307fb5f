package io.teahouse.cli.admin;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code teahouse admin clients}: who is connected. */
@Command(name = "clients", header = "Lists the clients of a relay, in the order in which they came.")
final class ClientsCommand extends AdminCall {
    private static final String LINE = "%-64s  %-10s  %-8s  %-21s  %-20s  %12s  %12s  %10s%n";

    @Option(names = "--id", paramLabel = "ID", description = "Only the connections of this endpoint.")
    private @Nullable String id;

    ClientsCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException {
        if (!json()) {
            out().printf(LINE, "ENDPOINT", "CONNECTION", "STATE", "ADDRESS", "SINCE", "RECEIVED", "SENT", "QUEUED");
        }
        String after = "0";
        while (!after.isEmpty()) {
            var page = AdminClient.orFail(
                    client.exchange("GET", id == null ? "/clients?after=" + after : Paths.clients("?id=", id)));
            if (json()) {
                out().println(page.body());
            } else {
                page.json().objects("clients").forEach(this::show);
            }
            after = page.json().text("next");
        }
        out().flush();
        return 0;
    }

    private void show(Json client) {
        out().printf(
                        LINE,
                        client.text("id"),
                        client.text("connection"),
                        client.text("state"),
                        client.text("address"),
                        client.text("since").replaceFirst("\\.[0-9]+Z$", "Z"),
                        client.text("received_bytes"),
                        client.text("sent_bytes"),
                        client.text("queued_bytes"));
    }
}
