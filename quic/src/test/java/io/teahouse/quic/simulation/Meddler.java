package io.teahouse.quic.simulation;

import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Has one side's keys: opens what it sends, changes what is in it, and seals it again, so that it is genuine and wrong.
 */
final class Meddler {
    private static final int ROOM = 1500;

    /** What becomes of the frames of a packet. */
    interface Change {
        byte[] apply(PacketType type, byte[] payload);
    }

    private final KeyRing opening;
    private final KeyRing sealing;
    private final Map<EncryptionLevel, Long> largest = new EnumMap<>(EncryptionLevel.class);
    private Optional<ConnectionId> destination = Optional.empty();

    /**
     * Creates one between a sender and its peer.
     *
     * @param terms     of their handshake
     * @param sender    whose keys it has
     * @param initialId where the client's first packet goes
     */
    Meddler(PretendedHandshake.Terms terms, Role sender, ConnectionId initialId) {
        this.opening = ring(terms, sender.peer(), initialId);
        this.sealing = ring(terms, sender, initialId);
    }

    private static KeyRing ring(PretendedHandshake.Terms terms, Role self, ConnectionId initialId) {
        var ring = new KeyRing(self);
        ring.installInitial(initialId);
        for (var level : EncryptionLevel.values()) {
            boolean early = level == EncryptionLevel.ZERO_RTT;
            if (level != EncryptionLevel.INITIAL) {
                ring.install(
                        level,
                        early && self == Role.SERVER
                                ? Optional.empty()
                                : Optional.of(PretendedHandshake.secret(terms, self, level)),
                        early && self == Role.CLIENT
                                ? Optional.empty()
                                : Optional.of(PretendedHandshake.secret(terms, self.peer(), level)));
            }
        }
        return ring;
    }

    /** A datagram of the sender's, with the frames of its packets changed. What cannot be opened is left out. */
    ByteBuffer meddle(ByteBuffer datagram, Change change) {
        var copy = new byte[datagram.remaining()];
        datagram.duplicate().get(copy);
        var out = ByteBuffer.allocate(ROOM);
        var reader = new DatagramReader(ByteBuffer.wrap(copy), ConnectionIdSource.ID_LENGTH, true);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            if (next.get() instanceof ReceivedPacket.Sealed packet) {
                meddle(copy, packet, out, change);
            }
        }
        return out.flip();
    }

    private void meddle(byte[] buffer, ReceivedPacket.Sealed packet, ByteBuffer out, Change change) {
        var level = packet.type().level();
        var space = level == EncryptionLevel.ZERO_RTT ? EncryptionLevel.ONE_RTT : level;
        try {
            var result =
                    opening.open(buffer, packet, 0, largest.getOrDefault(space, PacketNumber.NONE), Long.MAX_VALUE, 0);
            if (result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload)) {
                largest.merge(space, number, Math::max);
                destination = Optional.of(packet.destination());
                var frames = new byte[payload.remaining()];
                payload.get(frames);
                seal(packet, number, change.apply(packet.type(), frames), out);
            }
        } catch (TransportException e) {
            throw new IllegalStateException(e);
        }
    }

    private void seal(ReceivedPacket.Sealed packet, long number, byte[] frames, ByteBuffer out) {
        var writer = packet.type() == PacketType.ONE_RTT
                ? sealing.beginOneRtt(out, packet.destination(), false, 0, number, 4)
                : PacketWriter.longHeader(
                        out,
                        packet.type(),
                        packet.destination(),
                        packet.source().orElseThrow(),
                        packet.token(),
                        number,
                        4);
        writer.payload().put(frames, 0, Math.min(frames.length, writer.payload().remaining()));
        sealing.finish(writer, packet.type().level());
    }

    /** One more packet of the sender's, with a number by so much higher, and frames of somebody's choice. */
    Optional<ByteBuffer> invent(byte[] frames, int step) {
        return destination.map(id -> {
            var out = ByteBuffer.allocate(ROOM);
            long number = largest.merge(EncryptionLevel.ONE_RTT, (long) step, Long::sum);
            var writer = sealing.beginOneRtt(out, id, false, 0, number, 4);
            writer.payload()
                    .put(frames, 0, Math.min(frames.length, writer.payload().remaining()));
            sealing.finish(writer, EncryptionLevel.ONE_RTT);
            return out.flip();
        });
    }
}
