/**
 * TLS of the TCP listener: certificates and keys from files, replaced while the relay runs, BoringSSL where it runs, and keying
 * material of sessions.
 *
 * <p>Where it stands on a client's way in is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server.tls;

import org.jspecify.annotations.NullMarked;
