/**
 * Frames as values and as bytes: RFC 9000, section 19, RFC 9221, acknowledgement frequency, and iroh's extensions for
 * several paths, address discovery and NAT traversal (iroh QUIC spec, sections 1.11, 2, 3 and 4).
 *
 * <p>{@link io.teahouse.quic.frame.Frame} lists what can be said, {@link io.teahouse.quic.frame.FrameType} by whom,
 * where and with which extension. Payloads are hostile: whatever they are, reading them ends in frames or in a
 * {@link io.teahouse.quic.wire.TransportException}.
 */
@NullMarked
package io.teahouse.quic.frame;

import org.jspecify.annotations.NullMarked;
