/**
 * The part of RFC 6455 that the relay protocol stands on: reading and writing frames, and closing with a reason.
 *
 * <p>Buffers in, events and buffers out; nothing here opens a socket, starts a thread or reads a clock. The opening
 * handshake belongs to whoever speaks HTTP. Extensions are never negotiated, so reserved bits are errors. How
 * a relay reads and forwards with it is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.websocket;

import org.jspecify.annotations.NullMarked;
