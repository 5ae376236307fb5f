/** Placeholder. */
@NullMarked
package io.teahouse.relay.websocket;

import org.jspecify.annotations.NullMarked;
