/**
 * The client's side of a relay: {@link io.teahouse.relay.client.RelayClient} dials,
 * {@link io.teahouse.relay.client.RelayConnection} carries datagrams, and what happens comes as
 * {@link io.teahouse.relay.client.RelayEvent}s.
 *
 * <p>Calls block, which virtual threads make cheap; underneath, a few event loops carry all connections of a client, and no
 * connection has a thread. What decides is marked {@code @SansIo} and has no socket, clock or thread. How to use it is in
 * {@code docs/relay-client.md}.
 */
@NullMarked
package io.teahouse.relay.client;

import org.jspecify.annotations.NullMarked;
