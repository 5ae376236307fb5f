/** Tests of what can be said of certificates from an authority without one. */
@NullMarked
package io.teahouse.relay.server.acme;

import org.jspecify.annotations.NullMarked;
