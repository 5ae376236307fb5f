/** Placeholder. */
@NullMarked
package io.teahouse.relay.server;

import org.jspecify.annotations.NullMarked;
