/** Addresses, as operators write them and as limits count them. */
@NullMarked
package io.teahouse.relay.server.net;

import org.jspecify.annotations.NullMarked;
