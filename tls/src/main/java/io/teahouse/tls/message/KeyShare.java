package io.teahouse.tls.message;

/**
 * KeyShareEntry: one side's half of a key exchange (RFC 8446, section 4.2.8).
 *
 * @param group NamedGroup
 * @param value one byte or more, in the form of the group
 */
public record KeyShare(int group, Opaque value) {}
