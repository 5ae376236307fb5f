/**
 * Where datagrams pass: who is connected, who is to receive, and what waits for whom.
 *
 * <p>The walk of a datagram, file by file, is in {@code docs/datagram.md}. Every connection belongs to one event loop
 * and is touched by no other thread; what goes from one loop to another goes as a batch.
 */
@NullMarked
package io.teahouse.relay.server.forwarding;

import org.jspecify.annotations.NullMarked;
