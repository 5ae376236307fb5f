/**
 * The handshake of TLS 1.3 for QUIC (RFC 8446, RFC 9001) as a machine without I/O.
 *
 * <p>Handshake bytes go in and come out by encryption level, traffic secrets come out; packets, keys made of the secrets and
 * everything with a socket, thread or clock is for the caller, the {@code quic} module.
 */
@NullMarked
package io.teahouse.tls;

import org.jspecify.annotations.NullMarked;
