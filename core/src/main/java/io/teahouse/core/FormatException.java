package io.teahouse.core;

/**
 * Text or bytes are not what they should be. The message says what was found and what was expected, and never
 * repeats a secret.
 */
public final class FormatException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Creates one.
     *
     * @param message what was found and what was expected
     */
    public FormatException(String message) {
        super(message);
    }
}
