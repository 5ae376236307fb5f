/**
 * Which packets arrived, at both ends: acknowledging what came, noticing what was lost, and how long that takes (RFC
 * 9000, section 13; RFC 9002, without congestion control).
 *
 * <p>Everything here is of one packet number space or of one path, so that several paths are several objects. Time is
 * an argument, in nanoseconds of one monotonic clock that starts near 0.
 */
@NullMarked
package io.teahouse.quic.recovery;

import org.jspecify.annotations.NullMarked;
