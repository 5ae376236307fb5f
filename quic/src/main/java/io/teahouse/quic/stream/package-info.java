/**
 * Streams: their bytes on the way out and on the way in, their states, and how much of either is allowed (RFC 9000,
 * sections 2, 3 and 4).
 *
 * <p>{@link io.teahouse.quic.stream.Streams} has all streams of a connection and is all that the connection speaks to.
 * A stream has up to two parts that know nothing of each other, {@link io.teahouse.quic.stream.SendingPart} and
 * {@link io.teahouse.quic.stream.ReceivingPart}. What a peer can make this package keep is bounded by what it was
 * allowed to send and, where many small pieces cost more than their bytes, by a number of gaps.
 */
@NullMarked
package io.teahouse.quic.stream;

import org.jspecify.annotations.NullMarked;
