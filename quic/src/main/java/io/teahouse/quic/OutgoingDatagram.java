package io.teahouse.quic;

import io.teahouse.quic.recovery.Ecn;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A datagram to be sent.
 *
 * @param data   its bytes, from position to limit
 * @param remote to whom
 * @param pathId on which path; what is sent to other addresses in trying them out belongs to a path, too
 * @param mark   how it is to be marked
 */
public record OutgoingDatagram(ByteBuffer data, SocketAddress remote, long pathId, Ecn mark) {}
