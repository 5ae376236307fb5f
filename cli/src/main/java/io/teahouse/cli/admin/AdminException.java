package io.teahouse.cli.admin;

/** Nothing came of a command; the message says why, for people. */
final class AdminException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    AdminException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** Returns what the program ends with: 1 the relay could not do it, 2 something is to be mended first. */
    int exitCode() {
        return exitCode;
    }
}
