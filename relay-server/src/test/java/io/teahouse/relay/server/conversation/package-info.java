/**
 * Conversations with a relay that really runs: a scripted client on a blocking socket says something, and every byte that
 * comes back is looked at.
 *
 * <p>Nothing here uses the server's own reading and writing of HTTP and WebSocket frames, so that the two sides cannot
 * share a mistake; from the relay protocol only the client's half of the handshake and the values of frames are used. No
 * test sleeps: whatever is waited for has a deadline, and that nothing came is proved by a later answer.
 */
@NullMarked
package io.teahouse.relay.server.conversation;

import org.jspecify.annotations.NullMarked;
