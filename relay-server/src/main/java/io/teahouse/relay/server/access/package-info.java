/**
 * Who may use the relay: the question, the answer, and the rules that come with it: by endpoint id, by token, and by asking
 * another service.
 *
 * <p>Asked once for each connection; where that is on a client's way in is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server.access;

import org.jspecify.annotations.NullMarked;
