package io.teahouse.quic.path;

import io.teahouse.quic.congestion.CongestionController;
import io.teahouse.quic.congestion.Pacer;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.recovery.SentPacket.Trait;
import java.util.List;

/**
 * How many bytes are on their way on one path, and whether more may follow (RFC 9002, section 7).
 *
 * <p>Counts packets that are in flight, no others. Not thread-safe.
 */
final class SendWindow {
    private CongestionController congestion;
    private Pacer pacer = new Pacer();
    private long bytesInFlight;

    SendWindow(CongestionController congestion) {
        this.congestion = congestion;
    }

    /** Nothing that was learned holds any more; what is on its way still counts. */
    void restart(CongestionController newCongestion) {
        congestion = newCongestion;
        pacer = new Pacer();
    }

    CongestionController congestion() {
        return congestion;
    }

    long bytesInFlight() {
        return bytesInFlight;
    }

    boolean allows(int bytes) {
        return bytesInFlight + bytes <= congestion.windowBytes();
    }

    long nextSendNanos(int datagramBytes, long smoothedRttNanos, long nowNanos) {
        return pacer.nextSendNanos(datagramBytes, congestion.windowBytes(), smoothedRttNanos, nowNanos);
    }

    /** Whether it is the window that keeps us from sending: another datagram or two would not have had room. */
    boolean isUsed(int datagramBytes) {
        long room = congestion.windowBytes() - bytesInFlight;
        return congestion.isInSlowStart() ? room <= congestion.windowBytes() / 2 : room < 2L * datagramBytes;
    }

    void onSent(SentPacket<?> packet) {
        if (packet.is(Trait.IN_FLIGHT)) {
            bytesInFlight += packet.size();
            pacer.onSent(packet.size());
        }
    }

    void onAcknowledged(SentPacket<?> packet, boolean windowWasUsed, long smoothedRttNanos, long nowNanos) {
        if (packet.is(Trait.IN_FLIGHT)) {
            bytesInFlight -= packet.size();
            congestion.onAcknowledged(packet.size(), packet.sentAtNanos(), windowWasUsed, smoothedRttNanos, nowNanos);
        }
    }

    /** Packets are lost or do not matter any more. */
    void onGone(List<? extends SentPacket<?>> packets) {
        for (SentPacket<?> packet : packets) {
            if (packet.is(Trait.IN_FLIGHT)) {
                bytesInFlight -= packet.size();
            }
        }
    }
}
