package io.teahouse.quic;

import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.stream.CryptoStream;
import io.teahouse.quic.stream.SendingPart;
import io.teahouse.tls.EncryptionLevel;
import java.util.ArrayList;
import java.util.List;

/**
 * What was in a packet that was sent, for the time when it is known to have arrived or to be lost. Filled while the
 * packet is written, then left as it is.
 */
final class PacketContent {
    /** The number space: 0-RTT packets are in that of 1-RTT. */
    final EncryptionLevel space;

    final List<SendingPart.Piece> pieces = new ArrayList<>();
    final List<CryptoStream.Piece> crypto = new ArrayList<>();
    final List<Frame> frames = new ArrayList<>();
    /** The largest numbers that it acknowledged, for each path in 1-RTT. */
    final List<Acknowledged> acknowledged = new ArrayList<>(1);

    /** The path that it went on. */
    final long pathId;

    PacketContent(EncryptionLevel space, long pathId) {
        this.space = space;
        this.pathId = pathId;
    }

    /** That packets of a path, up to a number, were acknowledged. */
    record Acknowledged(long pathId, long largest) {}
}
