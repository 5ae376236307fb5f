package io.teahouse.cli.admin;

import java.util.Map;
import picocli.CommandLine.Command;

/** {@code teahouse admin config}: what a relay runs with. */
@Command(name = "config", header = "Shows what a relay runs with, and where it was set.")
final class ConfigCommand extends AdminCall {
    ConfigCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int call(AdminClient client) throws AdminException {
        var answer = AdminClient.orFail(client.exchange("GET", "/config"));
        if (json()) {
            out().println(answer.body());
            return 0;
        }
        for (var setting : answer.json().objects("settings")) {
            if (setting.fields().containsKey("value")) {
                String place = setting.text("place");
                out().printf(
                                "%-55s # %s%n",
                                setting.text("key") + " = " + setting.text("value"),
                                place.isEmpty() ? "default" : place);
            } else {
                out().println("# " + setting.text("key") + ": not set");
            }
        }
        out().flush();
        return 0;
    }
}
