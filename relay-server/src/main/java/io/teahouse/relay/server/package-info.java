/**
 * A relay as a program starts it: {@link io.teahouse.relay.server.RelayServerConfig} says how, {@link
 * io.teahouse.relay.server.RelayServer} puts its parts together and takes them apart again.
 *
 * <p>What the parts do to a datagram, file by file, is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server;

import org.jspecify.annotations.NullMarked;
