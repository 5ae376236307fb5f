package io.teahouse.cli.config;

/**
 * Something in a configuration that is no fault, but that its writer may not have meant.
 *
 * @param line where, from 1
 * @param key  the full dotted key
 * @param text what it does, or why it does nothing
 */
public record Notice(int line, String key, String text) {}
