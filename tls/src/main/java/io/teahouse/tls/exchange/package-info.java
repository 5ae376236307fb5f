/**
 * Key exchange (RFC 8446, section 7.4; draft-ietf-tls-ecdhe-mlkem): X25519, the NIST curves, and X25519 beside ML-KEM-768.
 *
 * <p>Randomness is handed in. A peer's share that is none is a {@link io.teahouse.tls.message.TlsException} with the alert
 * illegal_parameter.
 */
@NullMarked
package io.teahouse.tls.exchange;

import org.jspecify.annotations.NullMarked;
