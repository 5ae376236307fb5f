/**
 * The relay protocol as bytes and values: frames, their encoding, and the handshake of both sides.
 *
 * <p>{@link io.teahouse.relay.protocol.RelayFrame} lists what can be said once a client is let in, and
 * {@link io.teahouse.relay.protocol.FrameCodec} turns it into bytes and back;
 * {@link io.teahouse.relay.protocol.FrameLayout} names the offsets for code that forwards a frame where it lies.
 * {@link io.teahouse.relay.protocol.ClientHandshake} and {@link io.teahouse.relay.protocol.ServerHandshake} are the two
 * sides of proving who the client is. One binary WebSocket message carries exactly one frame; the text calls it
 * <em>message</em> while it is bytes.
 *
 * <p>Nothing here opens a socket, starts a thread, reads a clock or draws a random number: those come from the caller.
 * Any byte string may be fed to a decoder or a handshake; what is not allowed by the protocol is a
 * {@link io.teahouse.relay.protocol.RelayProtocolException} or a failed handshake and nothing else. Where a relay uses
 * which of them is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.protocol;

import org.jspecify.annotations.NullMarked;
