/**
 * How numbers and bytes are written: QUIC's and postcard's variable-length integers, and base32.
 *
 * <p>Nothing here knows what the bytes mean, and nothing throws for what a peer may have sent: what cannot be read
 * is an empty or negative result, and the caller says in its own words what was expected.
 */
@NullMarked
package io.teahouse.core.bytes;

import org.jspecify.annotations.NullMarked;
