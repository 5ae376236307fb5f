/**
 * How much may be on its way on a path, and how fast it is sent (RFC 9002, section 7; RFC 9438).
 *
 * <p>Each path has a {@link io.teahouse.quic.congestion.CongestionController} and a
 * {@link io.teahouse.quic.congestion.Pacer} of its own. Times are nanoseconds of one monotonic clock.
 */
@NullMarked
package io.teahouse.quic.congestion;

import org.jspecify.annotations.NullMarked;
