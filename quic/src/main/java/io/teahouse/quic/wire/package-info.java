/**
 * The small things that packets, frames and transport parameters are made of: connection ids, reset tokens, roles and
 * errors.
 *
 * <p>Knows no other package of QUIC's.
 */
@NullMarked
package io.teahouse.quic.wire;

import org.jspecify.annotations.NullMarked;
