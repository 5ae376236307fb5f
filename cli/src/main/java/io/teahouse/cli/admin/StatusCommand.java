package io.teahouse.cli.admin;

import java.util.Map;
import picocli.CommandLine.Command;

/** {@code teahouse admin status}: how a relay is. */
@Command(name = "status", header = "Shows how a relay is.")
final class StatusCommand extends AdminCall {
    StatusCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException {
        var answer = AdminClient.orFail(client.exchange("GET", "/status"));
        if (json()) {
            out().println(answer.body());
            return 0;
        }
        var status = answer.json();
        line("version", status.text("version"));
        line("up for", status.text("uptime_seconds") + " s");
        line("ready", status.isTrue("ready") ? "yes" : "no, " + status.text("why_not_ready"));
        for (var listener : status.objects("listeners")) {
            line(listener.text("name"), listener.text("address"));
        }
        line("clients", status.text("clients"));
        line("connections", status.text("connections"));
        var loops = status.object("event_loops");
        line("event loops", "%s forwarding, %s handshake".formatted(loops.text("forwarding"), loops.text("handshake")));
        out().flush();
        return 0;
    }

    private void line(String name, String value) {
        out().printf("%-13s %s%n", name, value);
    }
}
