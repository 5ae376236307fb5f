/** What the relay counts, and how it is shown. */
@NullMarked
package io.teahouse.relay.server.metrics;

import org.jspecify.annotations.NullMarked;
