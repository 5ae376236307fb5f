/** The server's one clock, and timers that ten thousand connections can have without a task each. */
@NullMarked
package io.teahouse.relay.server.time;

import org.jspecify.annotations.NullMarked;
