/**
 * Who may use the relay: the question, the answer, and rules that need nothing but the endpoint id or a token.
 *
 * <p>Asked once for each connection; where that is on a client's way in is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server.access;

import org.jspecify.annotations.NullMarked;
