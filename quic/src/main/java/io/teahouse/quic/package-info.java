/**
 * QUIC with the extensions that iroh endpoints speak, as a machine without sockets, threads, clocks or randomness of
 * its own (RFC 9000, 9001, 9002, 9221, and the iroh QUIC spec).
 *
 * <p>Made from below: {@link io.teahouse.quic.wire} has what packets, frames and parameters are made of,
 * {@link io.teahouse.quic.crypto} protects packets, {@link io.teahouse.quic.packet} and {@link io.teahouse.quic.frame}
 * are the bytes on the wire, {@link io.teahouse.quic.parameter} is what the two sides tell each other in the
 * handshake. Above that, {@link io.teahouse.quic.stream} has the streams; {@link io.teahouse.quic.recovery} knows what
 * has arrived and {@link io.teahouse.quic.congestion} how much may be sent; {@link io.teahouse.quic.path} is what a
 * connection has for each of its paths, and {@link io.teahouse.quic.traversal} finds new ones. Each package knows only
 * those below it; a test says so.
 *
 * <p>Times are nanoseconds of one monotonic clock that starts near 0, so that they can be compared and {@code
 * Long.MAX_VALUE} is never.
 */
@NullMarked
package io.teahouse.quic;

import org.jspecify.annotations.NullMarked;
