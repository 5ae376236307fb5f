package io.teahouse.cli.config;

import java.util.Optional;

/**
 * What a key is in force with.
 *
 * @param key   the full dotted key
 * @param value as TOML writes it, a secret as {@code "***"}; empty if the key has no value, which for a limit means that there is none
 * @param place where it was set; empty if nobody did
 */
public record Setting(String key, Optional<String> value, Optional<Place> place) {}
