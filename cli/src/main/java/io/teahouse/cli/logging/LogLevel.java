package io.teahouse.cli.logging;

import ch.qos.logback.classic.Level;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How much is logged; the names are what {@code --log-level} takes. */
public enum LogLevel {
    /** Nothing. */
    OFF,
    /** What keeps the relay from working. */
    ERROR,
    /** And what an operator should look at. */
    WARN,
    /** And starting, stopping, and the configuration in force. */
    INFO,
    /** And what single clients do. */
    DEBUG,
    /** And everything, the libraries' own lines too. */
    TRACE;

    /**
     * {@return the level of that name}
     *
     * @param text a name, in either case
     */
    public static Optional<LogLevel> parse(String text) {
        return Arrays.stream(values())
                .filter(level -> level.text().equalsIgnoreCase(text))
                .findFirst();
    }

    /**
     * {@return the name, as it is written on the command line}
     */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return all names, from the quietest on, for a message}
     */
    public static String names() {
        return Arrays.stream(values()).map(LogLevel::text).collect(Collectors.joining(", "));
    }

    /** What our own code may say. */
    Level own() {
        return Level.toLevel(name());
    }

    /** What everything else may say: seldom of use to an operator, and a lot. */
    Level libraries() {
        return switch (this) {
            case OFF, ERROR, WARN -> own();
            case INFO, DEBUG -> Level.WARN;
            case TRACE -> Level.DEBUG;
        };
    }
}
