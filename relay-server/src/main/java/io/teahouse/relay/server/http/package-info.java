/**
 * Everything before a connection speaks the relay protocol: listeners, the few pages there are, and the upgrade.
 *
 * <p>Requests are parsed by Netty; what is answered is decided here without touching a socket. The way from here to the
 * first datagram is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server.http;

import org.jspecify.annotations.NullMarked;
