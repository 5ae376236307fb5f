package io.teahouse.cli.config;

/**
 * A value of a configuration.
 *
 * @param value as tomlj holds it
 * @param place where it was found
 */
record Found(Object value, Place place) {}
