package io.teahouse.quic;

import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Tells a connection's trace what it wants to know, if there is one. Not thread-safe. */
final class TraceFeed {
    private final ConnectionTrace trace;
    private final Role role;
    private final boolean isOn;

    TraceFeed(ConnectionTrace trace, Role role) {
        this.trace = trace;
        this.role = role;
        this.isOn = trace.isOn();
    }

    ConnectionTrace trace() {
        return trace;
    }

    /** What is in a packet that is about to be sealed, before the payload's position; nothing if nobody wants to know. */
    List<Frame> framesToSend(EncryptionLevel level, ByteBuffer payload) {
        if (!isOn) {
            return List.of();
        }
        var written = payload.duplicate().flip();
        return frames(ByteBuffer.allocate(written.remaining()).put(written).flip(), level, role);
    }

    /** A packet goes out. */
    void onSent(EncryptionLevel level, long pathId, long number, int length, List<Frame> frames, long nowNanos) {
        if (isOn) {
            trace.onSent(new ConnectionTrace.Packet(level, pathId, number, length, frames), nowNanos);
        }
    }

    /** A packet has come: its frames are before the payload's limit. */
    void onReceived(EncryptionLevel level, long pathId, long number, int length, ByteBuffer payload, long nowNanos) {
        if (isOn) {
            var frames = frames(payload.duplicate(), level, role.peer());
            trace.onReceived(new ConnectionTrace.Packet(level, pathId, number, length, frames), nowNanos);
        }
    }

    void onLost(EncryptionLevel level, long pathId, List<? extends SentPacket<?>> packets, long nowNanos) {
        if (isOn) {
            packets.forEach(packet -> trace.onLost(level, pathId, packet.number(), nowNanos));
        }
    }

    /** Acknowledgements or losses were taken in. */
    void onRecovery(Path<?> path, long nowNanos) {
        if (isOn) {
            var recovery = path.recovery();
            var rtt = recovery.rtt();
            trace.onMetrics(
                    new ConnectionTrace.Metrics(
                            path.id(),
                            rtt.minNanos(),
                            rtt.smoothedNanos(),
                            rtt.latestNanos(),
                            rtt.variationNanos(),
                            recovery.windowBytes(),
                            recovery.bytesInFlight()),
                    nowNanos);
        }
    }

    /** What can be read of a payload; what is wrong with the rest is for others to find. */
    private static List<Frame> frames(ByteBuffer payload, EncryptionLevel level, Role sender) {
        var rules = new FrameRules(level, sender, EnumSet.allOf(Extension.class));
        List<Frame> frames = new ArrayList<>();
        try {
            while (payload.hasRemaining()) {
                frames.add(FrameDecoder.decode(payload, rules));
            }
        } catch (TransportException e) {
            return frames;
        }
        return frames;
    }
}
