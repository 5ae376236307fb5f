/**
 * Packets as bytes: headers, packet numbers, what hides and seals them, several in one datagram (RFC 9000, sections 12
 * and 17).
 *
 * <p>Coming in, {@link io.teahouse.quic.packet.DatagramReader} finds the packets of a datagram, and
 * {@link io.teahouse.quic.packet.PacketProtection} takes off what hides a header; going out,
 * {@link io.teahouse.quic.packet.PacketWriter} puts one together. What a payload says is for the frame package.
 * Datagrams are hostile: none of them makes anything here throw.
 */
@NullMarked
package io.teahouse.quic.packet;

import org.jspecify.annotations.NullMarked;
