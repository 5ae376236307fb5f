package io.teahouse.cli.config;

/**
 * Where something in a configuration is: in the file, or in the environment.
 *
 * @param line     from 1; 0 stands for the file as a whole, and for the environment
 * @param variable the environment variable; empty if it is in the file
 */
public record Place(int line, String variable) {
    /** The file as a whole. */
    static final Place FILE = new Place(0, "");

    static Place line(int line) {
        return new Place(line, "");
    }

    static Place variable(String name) {
        return new Place(0, name);
    }

    /**
     * {@return how it is named to people: {@code relay.toml:3}, or the variable}
     *
     * @param file how the file is named
     */
    public String in(String file) {
        if (!variable.isEmpty()) {
            return variable;
        }
        return line == 0 ? file : file + ":" + line;
    }
}
