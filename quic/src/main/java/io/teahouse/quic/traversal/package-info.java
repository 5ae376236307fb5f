/**
 * Getting through NATs: which addresses each side may be reached at, and probing them until a datagram gets through
 * (iroh QUIC spec, section 4).
 *
 * <p>{@link io.teahouse.quic.traversal.ClientTraversal} begins rounds, {@link
 * io.teahouse.quic.traversal.ServerTraversal} joins them; "client" and "server" are the roles in the connection. What
 * they find is for the connection to make a path of. Which addresses are worth trying, and when, the endpoint says.
 */
@NullMarked
package io.teahouse.quic.traversal;

import org.jspecify.annotations.NullMarked;
