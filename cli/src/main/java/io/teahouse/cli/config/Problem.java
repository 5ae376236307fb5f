package io.teahouse.cli.config;

/**
 * One thing for the operator to mend before a relay can start.
 *
 * <p>Keys are full dotted keys; lines and columns count from 1. Values are quoted as TOML would write them, secrets never.
 */
public sealed interface Problem {

    /**
     * {@return where it is}
     */
    Place place();

    /**
     * {@return the rest of the first line a person reads, after the place}
     */
    String text();

    /**
     * {@return what to do about it, in one line; may be empty}
     */
    String advice();

    /**
     * The file cannot be read at all.
     *
     * @param text   why
     * @param advice what to do
     */
    record UnreadableFile(String text, String advice) implements Problem {
        @Override
        public Place place() {
            return Place.FILE;
        }
    }

    /**
     * The file is not TOML.
     *
     * @param line    where
     * @param column  where in the line
     * @param message what the parser says
     */
    record NotToml(int line, int column, String message) implements Problem {
        @Override
        public Place place() {
            return Place.atLine(line);
        }

        @Override
        public String text() {
            return "not TOML: column %d: %s".formatted(column, message);
        }

        @Override
        public String advice() {
            return "";
        }
    }

    /**
     * A value that cannot be used.
     *
     * @param place    where
     * @param key      its key
     * @param found    the value as written
     * @param expected what would do, units and range included
     * @param advice   the likely remedy; may be empty
     */
    record BadValue(Place place, String key, String found, String expected, String advice) implements Problem {
        @Override
        public String text() {
            return "%s: %s (expected: %s)".formatted(key, found, expected);
        }
    }

    /**
     * A key that nobody knows.
     *
     * @param place  where
     * @param key    the key
     * @param advice which known key may have been meant
     */
    record UnknownKey(Place place, String key, String advice) implements Problem {
        @Override
        public String text() {
            return key + ": unknown key";
        }
    }

    /**
     * A key without which nothing can start.
     *
     * @param place  what made it necessary is there
     * @param key    the key
     * @param advice why it is necessary and what it could be
     */
    record Missing(Place place, String key, String advice) implements Problem {
        @Override
        public String text() {
            return key + ": missing";
        }
    }
}
