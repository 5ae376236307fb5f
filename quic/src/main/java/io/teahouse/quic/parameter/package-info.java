/**
 * What the two sides tell each other about themselves in the handshake: the transport parameters, with their limits
 * (RFC 9000, section 18; iroh QUIC spec, section 1.7).
 */
@NullMarked
package io.teahouse.quic.parameter;

import org.jspecify.annotations.NullMarked;
