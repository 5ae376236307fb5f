package io.teahouse.quic;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathResponses;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.Budget;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.EncryptionLevel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/**
 * Datagrams with one packet, made to find out about a path or to answer who does (RFC 9000, sections 8.2 and 14.4; iroh QUIC
 * spec, sections 2.5 and 4.3).
 *
 * <p>Not thread-safe. Answers to addresses that are only the peer's word are as large as they should be within
 * {@link #LARGE_ANSWERS}, and beyond that no larger than the questions.
 */
final class PathPackets {
    /** How many large answers there are at once: what an iroh endpoint may owe at a time. */
    static final int LARGE_ANSWERS = 32;

    static final double LARGE_ANSWERS_PER_SECOND = 8;

    /** A packet with a challenge and what goes with it has some 60 bytes. */
    static final int MIN_BYTES = 64;

    /** No longer than needed: a challenge, and what the header and the tag take at most. */
    private static final int SMALL_BYTES = 100;

    private final ConnectionState state;
    private final Budget largeAnswers = new Budget(LARGE_ANSWERS, LARGE_ANSWERS_PER_SECOND);

    PathPackets(ConnectionState state) {
        this.state = state;
    }

    /** How many bytes a datagram on a path may have now, 0 if none may go; in the handshake it is large or none. */
    int room(Path<PacketContent> path) {
        if (!PacketBuilder.canReach(state, path)) {
            return 0;
        }
        long room = path.amplification().room();
        int least = state.confirmed ? MIN_BYTES : MtuDiscovery.BASE_BYTES;
        return room < least ? 0 : (int) Math.min(room, MtuDiscovery.MAX_BYTES);
    }

    Optional<OutgoingDatagram> next(long nowNanos) {
        if (!state.keys.canSeal(EncryptionLevel.ONE_RTT)) {
            return Optional.empty();
        }
        for (var path : state.paths.all()) {
            if (path.isAbandoned()) {
                continue;
            }
            var next = response(path, nowNanos);
            if (next.isEmpty()) {
                next = challenge(path, nowNanos);
            }
            if (next.isEmpty()) {
                next = mtuProbe(path, nowNanos);
            }
            if (next.isPresent()) {
                return next;
            }
        }
        return state.confirmed ? probe(nowNanos) : Optional.empty();
    }

    private Optional<OutgoingDatagram> response(Path<PacketContent> path, long nowNanos) {
        if (path.responses().isEmpty() || !path.recovery().allowsAnswer() || !PacketBuilder.canReach(state, path)) {
            return Optional.empty();
        }
        return path.responses()
                .poll()
                .flatMap(owed -> owed.address().matches(path.network())
                        ? answerOnPath(path, owed, nowNanos)
                        : answerElsewhere(path, owed, nowNanos));
    }

    private Optional<OutgoingDatagram> answerOnPath(
            Path<PacketContent> path, PathResponses.Owed<NetworkPath> owed, long nowNanos) {
        int room = room(path);
        // Who is asked on a new path has the same question.
        boolean asks = path.challenges().deadlineNanos() <= nowNanos;
        return build(path, room < SMALL_BYTES ? SMALL_BYTES : Math.min(room, MtuDiscovery.BASE_BYTES), packet -> {
                    packet.write(new PathFrame.PathResponse(owed.data()));
                    if (asks) {
                        writeChallenge(path, packet, nowNanos);
                    }
                    if (room >= MtuDiscovery.BASE_BYTES) {
                        packet.pad();
                    }
                    packet.finish(Ecn.NOT_ECT, Set.of(), nowNanos);
                })
                .map(datagram -> sent(datagram, path, path.network()));
    }

    private Optional<OutgoingDatagram> answerElsewhere(
            Path<PacketContent> path, PathResponses.Owed<NetworkPath> owed, long nowNanos) {
        boolean large = largeAnswers.take(1, nowNanos) == 1;
        boolean asks = large && state.confirmed && state.traversal.asksBack(owed.address());
        return build(path, large ? MtuDiscovery.BASE_BYTES : SMALL_BYTES, packet -> {
                    packet.write(new PathFrame.PathResponse(owed.data()));
                    if (asks) {
                        long data = state.random.nextLong();
                        packet.write(new PathFrame.PathChallenge(data));
                        state.traversal.onAskedBack(owed.address(), data);
                    }
                    if (large) {
                        packet.pad();
                    }
                    packet.finish(Ecn.NOT_ECT, Set.of(Trait.OFF_PATH), nowNanos);
                })
                .map(datagram -> sent(datagram, path, owed.address()));
    }

    private Optional<OutgoingDatagram> challenge(Path<PacketContent> path, long nowNanos) {
        if (path.challenges().deadlineNanos() > nowNanos) {
            return Optional.empty();
        }
        int room = room(path);
        if (room == 0) {
            return Optional.empty();
        }
        return build(path, Math.min(room, MtuDiscovery.BASE_BYTES), packet -> {
                    writeChallenge(path, packet, nowNanos);
                    packet.writeOwn();
                    packet.writeAcks(nowNanos);
                    if (room >= MtuDiscovery.BASE_BYTES) {
                        packet.pad();
                    }
                    packet.finish(Ecn.NOT_ECT, Set.of(), nowNanos);
                })
                .map(datagram -> sent(datagram, path, path.network()));
    }

    private void writeChallenge(Path<PacketContent> path, PacketBuilder packet, long nowNanos) {
        long data = state.random.nextLong();
        if (packet.write(new PathFrame.PathChallenge(data))) {
            path.challenges().onSent(data, path.recovery().probeTimeoutNanos(), nowNanos);
        }
    }

    private Optional<OutgoingDatagram> mtuProbe(Path<PacketContent> path, long nowNanos) {
        if (!state.confirmed || !path.isUsable()) {
            return Optional.empty();
        }
        var size = path.mtu().probeDue(nowNanos);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        return build(path, size.getAsInt(), packet -> {
                    packet.write(new ConnectionFrame.Ping());
                    packet.pad();
                    packet.finish(Ecn.NOT_ECT, Set.of(Trait.MTU_PROBE), nowNanos);
                })
                .map(datagram -> sent(datagram, path, path.network()));
    }

    /** A probe through NATs, with an id of the first path that carries. */
    private Optional<OutgoingDatagram> probe(long nowNanos) {
        if (state.traversal.deadlineNanos() > nowNanos) {
            return Optional.empty();
        }
        Path<PacketContent> carrier = null;
        for (var path : state.paths.all()) {
            if (carrier == null && path.isUsable() && PacketBuilder.canReach(state, path)) {
                carrier = path;
            }
        }
        var to = state.traversal.pollProbe(nowNanos);
        return carrier == null || to.isEmpty() ? Optional.empty() : probe(carrier, to.get(), nowNanos);
    }

    private Optional<OutgoingDatagram> probe(Path<PacketContent> carrier, InetSocketAddress to, long nowNanos) {
        long data = state.random.nextLong();
        state.traversal.onProbeSent(to, data);
        return build(carrier, SMALL_BYTES, packet -> {
                    packet.write(new PathFrame.PathChallenge(data));
                    packet.finish(Ecn.NOT_ECT, Set.of(Trait.OFF_PATH), nowNanos);
                })
                .map(datagram -> sent(datagram, carrier, NetworkPath.to(to)));
    }

    private interface Writing {
        void write(PacketBuilder packet);
    }

    private Optional<ByteBuffer> build(Path<PacketContent> path, int size, Writing writing) {
        var datagram = ByteBuffer.allocate(size);
        var packet = PacketBuilder.begin(state, path, EncryptionLevel.ONE_RTT, datagram);
        packet.ifPresent(writing::write);
        return packet.map(_ -> datagram.flip());
    }

    private OutgoingDatagram sent(ByteBuffer datagram, Path<PacketContent> path, NetworkPath network) {
        if (network.matches(path.network())) {
            path.amplification().onSent(datagram.remaining());
        }
        return new OutgoingDatagram(datagram, network, path.id(), Ecn.NOT_ECT);
    }

    /** When {@link #next} has something, as far as a time says so. */
    long deadlineNanos() {
        long next = Long.MAX_VALUE;
        for (var path : state.paths.all()) {
            if (path.isAbandoned()) {
                continue;
            }
            if (path.challenges().isRunning() && room(path) > 0) {
                next = Math.min(next, path.challenges().deadlineNanos());
            }
            if (state.confirmed && path.isUsable()) {
                next = Math.min(next, path.mtu().deadlineNanos());
            }
        }
        return state.confirmed ? Math.min(next, state.traversal.deadlineNanos()) : next;
    }
}
