/**
 * How packets are protected: keys from secrets, sealing and opening, header masks, key updates (RFC 9001, section 5
 * and 6).
 *
 * <p>TLS stays outside: it hands in a {@link io.teahouse.tls.schedule.TrafficSecret} for each
 * {@link io.teahouse.tls.EncryptionLevel} and direction. All work is done on heap arrays, in place, with the
 * JDK's ciphers, which are fastest that way; one object belongs to one connection and is not thread-safe.
 */
@NullMarked
package io.teahouse.quic.crypto;

import org.jspecify.annotations.NullMarked;
