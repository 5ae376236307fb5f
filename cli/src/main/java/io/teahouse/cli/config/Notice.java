package io.teahouse.cli.config;

/**
 * Something in a configuration that is no fault, but that its writer may not have meant.
 *
 * @param place where
 * @param key   the full dotted key; empty if it is about a variable that stands for none
 * @param text  what it does, or why it does nothing
 */
public record Notice(Place place, String key, String text) {
    /**
     * {@return the line that people read}
     *
     * @param file how the file is named
     */
    public String in(String file) {
        return "%s: %s%s".formatted(place.in(file), key.isEmpty() ? "" : key + ": ", text);
    }
}
