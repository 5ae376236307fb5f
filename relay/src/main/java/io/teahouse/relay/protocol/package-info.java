/** Placeholder. */
@NullMarked
package io.teahouse.relay.protocol;

import org.jspecify.annotations.NullMarked;
