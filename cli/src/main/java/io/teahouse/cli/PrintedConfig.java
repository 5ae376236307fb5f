package io.teahouse.cli;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.Place;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.config.Setting;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * {@code teahouse relay --print-config}: every key with the value that would be in force, and where that comes from, as TOML.
 * Starts nothing. Secrets are not shown.
 */
final class PrintedConfig {
    /** Where comments begin at the latest; a longer line pushes only its own away. */
    private static final int COMMENT_COLUMN_MAX = 72;

    private PrintedConfig() {}

    /** Returns the exit code. */
    static int print(RelayOptions options, Map<String, String> environment, PrintStream out, PrintStream err) {
        RelayFile file;
        try {
            file = RelayFile.read(options.configPath(), options.dev(), environment);
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return 2;
        }
        lines(file).forEach(out::println);
        file.notices().forEach(notice -> err.println(notice.in(file.name())));
        return 0;
    }

    static List<String> lines(RelayFile file) {
        int column = file.effective().stream()
                .mapToInt(setting -> assignment(setting).length())
                .filter(length -> length <= COMMENT_COLUMN_MAX)
                .max()
                .orElse(0);
        return file.effective().stream()
                .map(setting -> line(setting, file.name(), column))
                .toList();
    }

    private static String line(Setting setting, String file, int column) {
        if (setting.value().isEmpty()) {
            return "# %s: not set".formatted(setting.key());
        }
        String assignment = assignment(setting);
        String padding = " ".repeat(Math.max(0, column - assignment.length()));
        String origin = setting.place().map(place -> oneLine(place, file)).orElse("default");
        return "%s%s  # %s".formatted(assignment, padding, origin);
    }

    /** Else a name with a line break in it would end the comment. */
    private static String oneLine(Place place, String file) {
        return place.in(file).replaceAll("\\p{Cntrl}", "?");
    }

    private static String assignment(Setting setting) {
        return setting.value().map(value -> setting.key() + " = " + value).orElse("");
    }
}
