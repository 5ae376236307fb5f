package io.teahouse.cli.logging;

import java.util.Locale;
import java.util.Optional;

/** How a line of the log looks. */
public enum LogFormat {
    /** For people: time, level, what happened. */
    TEXT,
    /** For programs: a JSON object. */
    JSON;

    /**
     * {@return the format of that name, in either case; none if there is none}
     *
     * @param name {@code text} or {@code json}
     */
    public static Optional<LogFormat> parse(String name) {
        for (var format : values()) {
            if (format.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
