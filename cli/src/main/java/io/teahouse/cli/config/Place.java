package io.teahouse.cli.config;

import java.util.Comparator;

/**
 * Where something in a configuration is: in the file, or in the environment.
 *
 * @param line     from 1; 0 stands for the file as a whole, and for the environment
 * @param variable the environment variable; empty if it is in the file
 */
public record Place(int line, String variable) {
    /** The file as a whole. */
    static final Place FILE = new Place(0, "");

    /** As people read them: down the file, then by variable. */
    static final Comparator<Place> ORDER = Comparator.comparing(Place::variable).thenComparingInt(Place::line);

    static Place atLine(int line) {
        return new Place(line, "");
    }

    static Place ofVariable(String name) {
        return new Place(0, name);
    }

    /**
     * {@return whether it is a variable of the environment}
     */
    public boolean isVariable() {
        return !variable.isEmpty();
    }

    /**
     * {@return how it is named to people: {@code relay.toml:3}, or the variable}
     *
     * @param file how the file is named
     */
    public String in(String file) {
        if (isVariable()) {
            return variable;
        }
        return line == 0 ? file : file + ":" + line;
    }
}
