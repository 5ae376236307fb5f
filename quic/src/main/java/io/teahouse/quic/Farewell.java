package io.teahouse.quic;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/** Tells the peer that the connection is over, on every level that it may have keys for (RFC 9000, section 10.2.3). */
final class Farewell {
    private final ConnectionState state;

    Farewell(ConnectionState state) {
        this.state = state;
    }

    /** A datagram that says so. */
    ByteBuffer say(ConnectionFrame close, Path<PacketContent> path, long nowNanos) {
        var datagram = ByteBuffer.allocate(MtuDiscovery.BASE_BYTES);
        var levels = new ArrayList<EncryptionLevel>();
        for (EncryptionLevel level : EncryptionLevel.values()) {
            if (mayBeSaidOn(level, path)) {
                levels.add(level);
            }
        }
        for (EncryptionLevel level : levels) {
            PacketBuilder.begin(state, path, level, datagram).ifPresent(packet -> {
                packet.write(level == EncryptionLevel.ONE_RTT ? close : disguised(close));
                if (level == levels.getLast() && levels.contains(EncryptionLevel.INITIAL)) {
                    packet.pad();
                }
                packet.finishUnremembered(nowNanos);
            });
        }
        return datagram.flip();
    }

    /** A server's 1-RTT packets can be read by who has not yet shown who it is. */
    private boolean mayBeSaidOn(EncryptionLevel level, Path<PacketContent> path) {
        boolean tooEarly = level == EncryptionLevel.ONE_RTT && state.role == Role.SERVER && !state.connected;
        boolean hasLevel = level == EncryptionLevel.ONE_RTT || path == state.paths.initial();
        return level != EncryptionLevel.ZERO_RTT && state.keys.canSeal(level) && !tooEarly && hasLevel;
    }

    /** What the application says is told in packets that only the peer can read. */
    private static ConnectionFrame disguised(ConnectionFrame close) {
        return close instanceof ConnectionFrame.ApplicationClose
                ? new ConnectionFrame.TransportClose(
                        TransportError.APPLICATION_ERROR.code(), 0, ConnectionState.utf8(""))
                : close;
    }
}
