package io.teahouse.cli.admin;

import java.util.Map;
import picocli.CommandLine.Command;

/** {@code teahouse admin reload}: has the configuration read again, as SIGHUP does. */
@Command(name = "reload", header = "Has a relay read its configuration again, as SIGHUP does.")
final class ReloadCommand extends AdminCall {
    ReloadCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException {
        var answer = client.exchange("POST", "/reload");
        var reloaded = answer.json();
        if (!answer.isFine() && !reloaded.fields().containsKey("applied")) {
            AdminClient.orFail(answer);
        }
        boolean applied = reloaded.isTrue("applied");
        if (json()) {
            out().println(answer.body());
        } else if (applied) {
            out().println("reloaded, " + reloaded.text("message"));
            if (!reloaded.text("certificate").isEmpty()) {
                out().println("the certificate stays as it is: " + reloaded.text("certificate"));
            }
            reloaded.list("need_restart").forEach(key -> out().println("at the next start: " + key));
        } else {
            err().println("teahouse: not reloaded, all stays as it is: " + reloaded.text("message"));
        }
        return applied ? 0 : 1;
    }
}
