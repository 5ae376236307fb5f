/** Tests of addresses. */
@NullMarked
package io.teahouse.relay.server.net;

import org.jspecify.annotations.NullMarked;
