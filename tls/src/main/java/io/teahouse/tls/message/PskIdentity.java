package io.teahouse.tls.message;

/**
 * PskIdentity: a ticket that a client presents (RFC 8446, section 4.2.11).
 *
 * @param ticket        one byte or more
 * @param obfuscatedAge milliseconds since the ticket came, plus the number that came with it, 0 to 2^32 - 1
 */
public record PskIdentity(Opaque ticket, long obfuscatedAge) {}
