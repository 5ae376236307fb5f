/** Tests of address discovery. */
@NullMarked
package io.teahouse.relay.server.discovery;

import org.jspecify.annotations.NullMarked;
