/** Who may use the relay: the question, the answer, and rules that need nothing but the endpoint id. */
@NullMarked
package io.teahouse.relay.server.access;

import org.jspecify.annotations.NullMarked;
