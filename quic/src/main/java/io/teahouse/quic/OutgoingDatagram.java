package io.teahouse.quic;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.nio.ByteBuffer;

/**
 * A datagram to be sent.
 *
 * @param data    its bytes, from position to limit
 * @param network to whom, and from which of our addresses
 * @param pathId  on which path; what is sent to other addresses in trying them out belongs to a path, too
 * @param mark    how it is to be marked
 */
public record OutgoingDatagram(ByteBuffer data, NetworkPath network, long pathId, Ecn mark) {}
