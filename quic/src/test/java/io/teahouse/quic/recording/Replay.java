package io.teahouse.quic.recording;

import com.google.gson.JsonObject;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.crypto.HeaderProtection;
import io.teahouse.quic.crypto.InitialSecrets;
import io.teahouse.quic.crypto.PacketKeys;
import io.teahouse.quic.crypto.PacketSealer;
import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketProtection;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a recording as its endpoints had to: finds connection and path by the connection ids that were made known
 * before, keys by level and phase, packet numbers by what was received before.
 */
final class Replay {
    private static final int ID_LENGTH = 8;

    /** One packet, opened. {@code header} is unmasked; {@code number} is the whole one. */
    record Opened(
            ReceivedPacket.Sealed sealed,
            Route route,
            byte firstByte,
            int numberLength,
            long number,
            long keyGeneration,
            ByteBuffer payload,
            List<Frame> frames) {}

    /** What a connection id leads to. */
    record Route(int connection, Role sender, long pathId) {}

    private record Space(int connection, Role sender, PacketType type, long pathId) {}

    private record Receiver(int connection, Role self) {}

    private final Recording recording;
    private final Map<ConnectionId, Route> routes = new HashMap<>();
    private final Map<Space, Long> largest = new HashMap<>();
    private final Map<Integer, ConnectionId> initialDestinations = new HashMap<>();
    /** What each side of each connection opens packets with. */
    private final Map<Receiver, KeyRing> rings = new HashMap<>();

    private int connections;

    Replay(Recording recording) {
        this.recording = recording;
    }

    /** The packets of the next datagram. */
    List<Opened> open(byte[] datagram) throws TransportException {
        var opened = new ArrayList<Opened>();
        var reader = new DatagramReader(ByteBuffer.wrap(datagram), ID_LENGTH, true);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            switch (next.get()) {
                case ReceivedPacket.Sealed sealed -> opened.add(open(datagram, sealed));
                case ReceivedPacket.Retry received -> follow(received);
                case ReceivedPacket other -> throw new AssertionError("not in any recording: " + other);
            }
        }
        return opened;
    }

    private void follow(ReceivedPacket.Retry retry) {
        var route = Objects.requireNonNull(routes.get(retry.destination()));
        var original = recording.originalDestination(route.connection());
        if (!retry.isGenuine(original)) {
            throw new AssertionError("Retry packet with a wrong tag");
        }
        initialDestinations.put(route.connection(), retry.source());
        for (Role self : Role.values()) {
            ring(route.connection(), self).installInitial(retry.source());
        }
        routes.put(retry.source(), new Route(route.connection(), Role.CLIENT, 0));
    }

    private Opened open(byte[] buffer, ReceivedPacket.Sealed packet) throws TransportException {
        var route = routes.get(packet.destination());
        if (route == null) {
            // Connections are counted by their clients' first Initial packets.
            route = new Route(connections, Role.CLIENT, 0);
            connections++;
            routes.put(packet.destination(), route);
            initialDestinations.put(route.connection(), packet.destination());
        }
        var answerTo = new Route(route.connection(), route.sender().peer(), 0);
        packet.source().ifPresent(source -> routes.put(source, answerTo));

        // 0-RTT and 1-RTT share their numbers.
        var spaceType = packet.type() == PacketType.ZERO_RTT ? PacketType.ONE_RTT : packet.type();
        var space = new Space(route.connection(), route.sender(), spaceType, route.pathId());
        var result = ring(route.connection(), route.sender().peer())
                .open(buffer, packet, route.pathId(), largest.getOrDefault(space, PacketNumber.NONE), 0, 1);
        if (!(result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload))) {
            throw new AssertionError("%s: %s packet of %s".formatted(result, packet.type(), route));
        }
        largest.merge(space, number, Math::max);
        var frames = decode(payload.duplicate(), rules(packet.type(), route));
        frames.forEach(frame -> learn(frame, answerTo));
        int numberLength = payload.arrayOffset() - packet.numberOffset();
        long generation = packet.type() == PacketType.ONE_RTT ? PacketProtection.keyPhase(buffer[packet.start()]) : 0;
        return new Opened(packet, route, buffer[packet.start()], numberLength, number, generation, payload, frames);
    }

    static List<Frame> decode(ByteBuffer payload, FrameRules rules) throws TransportException {
        FrameDecoder.requireFrames(payload);
        var frames = new ArrayList<Frame>();
        while (payload.hasRemaining()) {
            frames.add(FrameDecoder.decode(payload, rules));
        }
        return frames;
    }

    /** Connection ids lead their receiver's packets to whoever made them known. */
    private void learn(Frame frame, Route answerTo) {
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> routes.put(issued.id(), answerTo);
            case PathFrame.PathNewConnectionId(long pathId, var issued) ->
                routes.put(issued.id(), new Route(answerTo.connection(), answerTo.sender(), pathId));
            default -> {}
        }
    }

    FrameRules rules(PacketType type, Route route) {
        return new FrameRules(type.level(), route.sender(), EnumSet.allOf(Extension.class));
    }

    /** What seals a packet once more that was opened. */
    PacketSealer sealerOf(Opened opened) {
        var secret = secret(opened.sealed().type(), opened.route());
        return opened.keyGeneration() == 0 ? PacketKeys.sealer(secret) : PacketKeys.sealer(secret.next());
    }

    HeaderProtection protectionOf(Opened opened) {
        return PacketKeys.headerProtection(secret(opened.sealed().type(), opened.route()));
    }

    private TrafficSecret secret(PacketType type, Route route) {
        if (type.level() == EncryptionLevel.INITIAL) {
            return InitialSecrets.of(
                    route.sender(), Objects.requireNonNull(initialDestinations.get(route.connection())));
        }
        String label = switch (type) {
            case ZERO_RTT -> "CLIENT_EARLY_TRAFFIC_SECRET";
            case HANDSHAKE -> route.sender() + "_HANDSHAKE_TRAFFIC_SECRET";
            default -> route.sender() + "_TRAFFIC_SECRET_0";
        };
        return recording.secret(route.connection(), label).orElseThrow();
    }

    private KeyRing ring(int connection, Role self) {
        return rings.computeIfAbsent(new Receiver(connection, self), _ -> {
            var ring = new KeyRing(self);
            ring.installInitial(Objects.requireNonNull(initialDestinations.get(connection)));
            ring.install(
                    EncryptionLevel.HANDSHAKE,
                    recording.secret(connection, self + "_HANDSHAKE_TRAFFIC_SECRET"),
                    recording.secret(connection, self.peer() + "_HANDSHAKE_TRAFFIC_SECRET"));
            ring.install(
                    EncryptionLevel.ONE_RTT,
                    recording.secret(connection, self + "_TRAFFIC_SECRET_0"),
                    recording.secret(connection, self.peer() + "_TRAFFIC_SECRET_0"));
            if (self == Role.SERVER) {
                var early = recording.secret(connection, "CLIENT_EARLY_TRAFFIC_SECRET");
                ring.install(EncryptionLevel.ZERO_RTT, Optional.empty(), early);
            }
            return ring;
        });
    }

    static byte[] bytes(JsonObject datagram) {
        return Vectors.bytes(datagram, "hex");
    }
}
