package io.teahouse.quic;

import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.QuicVersion;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.StatelessResetToken;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The connections behind one socket: says which datagram is for which, begins those of clients, and answers what is for
 * none (RFC 9000, sections 5.2, 6.1, 8.1 and 10.3).
 *
 * <p>After {@link #receive} the connection that it was for has to be asked what it has to send and to tell, as
 * {@link Connection} says, and {@link #refresh} called once that is done. Not thread-safe. Bounded:
 * {@link EndpointConfig#maxConnections}, each with as many ids as {@link io.teahouse.quic.path.LocalIds} gives out; what is
 * for none gets one answer, smaller than itself or from a packet that is large on purpose.
 */
public final class QuicEndpoint {
    /** The least that a stateless reset is smaller than what it answers, so that two of us do not go on for ever. */
    private static final int RESET_SMALLER_BY = 1;

    /** As large as resets get: no more than needed to look like a packet. */
    private static final int MAX_RESET_LENGTH = 43;

    /** A version that nobody will ever speak, so that clients learn to ignore those that they do not know. */
    private static final int RESERVED_VERSION = 0x1a2a3a4a;

    /** What became of a datagram. */
    public sealed interface Received {
        /**
         * It was for a connection.
         *
         * @param connection which has to be asked now what it has to send
         * @param isNew      whether it began with this datagram
         */
        record For(Connection connection, boolean isNew) implements Received {}

        /**
         * It was for none and is answered without one.
         *
         * @param answer to be sent to where it came from
         * @param kind   what it is
         */
        record Answer(ByteBuffer answer, Kind kind) implements Received {}

        /** What is answered without a connection. */
        enum Kind {
            /** Prove that the address is yours. */
            RETRY,
            /** Speak another version. */
            VERSION_NEGOTIATION,
            /** There is no such connection any more. */
            RESET
        }

        /**
         * A client would have begun a connection, and nothing is said: it asks again, and perhaps is let in then.
         *
         * @param isFull whether there are as many connections as there may be; else it was not admitted
         */
        record Refused(boolean isFull) implements Received {}

        /** It was for none, and nothing is said. */
        record Dropped() implements Received {}
    }

    /** By what a connection is found. */
    private record Known(Set<ConnectionId> ids, Set<SocketAddress> remotes) {}

    private final EndpointConfig config;
    private final ConnectionIdSource idSource;
    private final RandomGenerator random;
    private final Map<ConnectionId, Connection> byId = new HashMap<>();
    private final Map<Connection, Known> connections = new LinkedHashMap<>();
    private final Map<SocketAddress, Set<Connection>> byRemote = new HashMap<>();
    /** Those that we are the client of. */
    private final Set<Connection> dialled = new HashSet<>();

    private final Set<Connection> handshaking = new HashSet<>();

    /**
     * Creates one without connections.
     *
     * @param config   what it is like
     * @param idSource makes the ids of its connections
     * @param random   for what must not be guessed
     */
    public QuicEndpoint(EndpointConfig config, ConnectionIdSource idSource, RandomGenerator random) {
        this.config = config;
        this.idSource = idSource;
        this.random = random;
    }

    /**
     * {@return what became of a datagram}
     *
     * @param datagram backed by an array, which is changed
     * @param from     from whom, and to which of our addresses
     * @param mark     how it was marked
     * @param nowNanos now
     */
    public Received receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        boolean fixedBitMayBeZero = config.connections().fixedBitMayBeZero();
        var first = new DatagramReader(datagram, ConnectionIdSource.ID_LENGTH, fixedBitMayBeZero).next();
        return switch (first.orElse(new ReceivedPacket.Malformed("empty"))) {
            case ReceivedPacket.Sealed sealed -> receive(sealed, datagram, from, mark, nowNanos);
            case ReceivedPacket.OtherVersion other
            when datagram.remaining() >= MtuDiscovery.BASE_BYTES ->
                new Received.Answer(
                        ByteBuffer.wrap(UnsealedPackets.versionNegotiation(
                                other, List.of(RESERVED_VERSION, QuicVersion.V1), random.nextInt())),
                        Received.Kind.VERSION_NEGOTIATION);
            case ReceivedPacket.Retry retry -> receive(retry.destination(), datagram, from, mark, nowNanos);
            case ReceivedPacket.VersionNegotiation negotiation ->
                negotiation.destination().remaining() == ConnectionIdSource.ID_LENGTH
                        ? receive(idOf(negotiation.destination()), datagram, from, mark, nowNanos)
                        : new Received.Dropped();
            case ReceivedPacket.OtherVersion _, ReceivedPacket.Malformed _ -> new Received.Dropped();
        };
    }

    private static ConnectionId idOf(ByteBuffer bytes) {
        var id = new byte[bytes.remaining()];
        bytes.duplicate().get(id);
        return ConnectionId.of(id);
    }

    /** What only servers send, for one of our clients. */
    private Received receive(ConnectionId destination, ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        var known = byId.get(destination);
        if (known == null) {
            return new Received.Dropped();
        }
        known.receive(datagram, from, mark, nowNanos);
        return new Received.For(known, false);
    }

    private Received receive(
            ReceivedPacket.Sealed packet, ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        var known = Optional.ofNullable(byId.get(packet.destination()));
        if (known.isPresent()) {
            known.get().receive(datagram, from, mark, nowNanos);
            return new Received.For(known.get(), false);
        }
        boolean begins = packet.type() == PacketType.INITIAL
                && datagram.remaining() >= MtuDiscovery.BASE_BYTES
                && packet.destination().length() >= ConnectionId.MIN_INITIAL_LENGTH;
        if (begins) {
            return begin(packet, datagram, from, mark, nowNanos);
        }
        return packet.type() == PacketType.ONE_RTT
                ? receiveReset(packet, datagram, from, mark, nowNanos)
                : new Received.Dropped();
    }

    /** A packet for nobody may be a reset of one of the connections to where it came from; or else is answered by one. */
    private Received receiveReset(
            ReceivedPacket.Sealed packet, ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        for (var connection : byRemote.getOrDefault(from.remote(), Set.of())) {
            if (connection.isResetBy(datagram)) {
                connection.receive(datagram, from, mark, nowNanos);
                return new Received.For(connection, false);
            }
        }
        return reset(packet, datagram);
    }

    private Received begin(
            ReceivedPacket.Sealed packet, ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        if (!config.admission().test(from)) {
            return new Received.Refused(false);
        }
        // Who comes by a relay has shown that one where it is; there is no address of its own to prove.
        var address = Optional.of(from.remote())
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast);
        long nowMillis = config.connections().timeZero().plusNanos(nowNanos).toEpochMilli();
        var source = packet.source().orElseThrow();
        Optional<AddressTokens.Proof> proof = packet.token().hasRemaining()
                ? address.flatMap(known -> config.tokens().read(packet.token(), known, nowMillis))
                : Optional.empty();
        boolean proven = proof.isPresent() || address.isEmpty();
        if (!proven && handshaking.size() >= config.retryFrom()) {
            return retry(packet, source, address.get(), nowMillis);
        }
        if (connections.size() - dialled.size() >= config.maxConnections()) {
            return new Received.Refused(true);
        }
        var own = idSource.next();
        HandshakeIds ids;
        if (proof.isPresent() && proof.get() instanceof AddressTokens.Proof.Retried(var original, var retrySource)) {
            if (!retrySource.equals(packet.destination())) {
                return new Received.Dropped(); // of another attempt
            }
            ids = HandshakeIds.ofServer(own, source, original, Optional.of(retrySource));
        } else {
            ids = HandshakeIds.ofServer(own, source, packet.destination(), Optional.empty());
        }
        var connection =
                Connection.server(config.connections(), idSource, config.tls(), ids, proven, from, random, nowNanos);
        connection.receive(datagram, from, mark, nowNanos);
        if (!connection.hasHeardPeer()) {
            connection.destroy(); // anybody can write a header
            return new Received.Dropped();
        }
        handshaking.add(connection);
        add(connection);
        return new Received.For(connection, true);
    }

    private Received retry(
            ReceivedPacket.Sealed packet, ConnectionId source, InetSocketAddress remote, long nowMillis) {
        var nonce = new byte[AddressTokens.NONCE_LENGTH];
        random.nextBytes(nonce);
        var retrySource = idSource.next();
        var token = config.tokens().forRetry(remote, packet.destination(), retrySource, nowMillis, nonce);
        return new Received.Answer(
                ByteBuffer.wrap(UnsealedPackets.retry(
                        source, retrySource, ByteBuffer.wrap(token), packet.destination(), random.nextInt())),
                Received.Kind.RETRY);
    }

    private Received reset(ReceivedPacket.Sealed packet, ByteBuffer datagram) {
        int length = Math.min(MAX_RESET_LENGTH, datagram.remaining() - RESET_SMALLER_BY);
        if (length < UnsealedPackets.MIN_RESET_LENGTH) {
            return new Received.Dropped();
        }
        var token = idSource.tokenOf(packet.destination());
        var filling = new byte[length - StatelessResetToken.LENGTH];
        random.nextBytes(filling);
        return new Received.Answer(
                ByteBuffer.wrap(UnsealedPackets.statelessReset(filling, token)), Received.Kind.RESET);
    }

    /**
     * Takes in a connection of which we are the client, which does not count among
     * {@link EndpointConfig#maxConnections}: how many there are is up to the application.
     *
     * @param client a new one, with ids of this endpoint's source
     */
    public void dial(Connection client) {
        dialled.add(client);
        add(client);
    }

    private void add(Connection connection) {
        connections.put(connection, new Known(Set.of(), Set.of()));
        refresh(connection);
    }

    /**
     * Takes in that something was done with a connection: its ids may have changed, or it may be over and is forgotten.
     *
     * @param connection one of the endpoint's
     */
    public void refresh(Connection connection) {
        refresh(connection, connection.isOver());
    }

    /**
     * Forgets a connection, over or not; the peer is not told.
     *
     * @param connection one of the endpoint's
     */
    public void forget(Connection connection) {
        refresh(connection, true);
    }

    private void refresh(Connection connection, boolean isOver) {
        var before = connections.get(connection);
        if (before == null) {
            return;
        }
        if (connection.isConnected() || isOver) {
            handshaking.remove(connection);
        }
        if (isOver) {
            replace(connection, before, new Known(Set.of(), Set.of()));
            connections.remove(connection);
            dialled.remove(connection);
            connection.destroy();
        } else if (!isStill(connection, before)) {
            Set<ConnectionId> ids = new HashSet<>(connection.ids());
            if (!dialled.contains(connection)) {
                // For all its life: a late copy of the client's first packet is not to begin another connection.
                ids.add(connection.initialId());
            }
            var now = new Known(ids, connection.remotes());
            replace(connection, before, now);
            connections.put(connection, now);
        }
    }

    /** Most of the time nothing has changed. */
    private boolean isStill(Connection connection, Known known) {
        int initial = dialled.contains(connection) ? 0 : 1;
        return known.ids().size() == connection.ids().size() + initial
                && known.ids().containsAll(connection.ids())
                && known.remotes().equals(connection.remotes());
    }

    private void replace(Connection connection, Known before, Known now) {
        before.ids().stream().filter(id -> !now.ids().contains(id)).forEach(id -> byId.remove(id, connection));
        now.ids().forEach(id -> byId.put(id, connection));
        for (var remote : before.remotes()) {
            if (!now.remotes().contains(remote)) {
                byRemote.computeIfPresent(remote, (_, there) -> {
                    there.remove(connection);
                    return there.isEmpty() ? null : there;
                });
            }
        }
        now.remotes()
                .forEach(remote ->
                        byRemote.computeIfAbsent(remote, _ -> new HashSet<>()).add(connection));
    }

    /**
     * Gives a client a token, with which its next connection need not prove its address.
     *
     * @param connection one of the endpoint's whose client has an IP address; then it has to be asked what it has to send
     * @param nowNanos   now
     * @return whether it is given one: not before the handshake is complete
     */
    public boolean offerToken(Connection connection, long nowNanos) {
        if (!connection.isConnected() || !(connection.network().remote() instanceof InetSocketAddress client)) {
            return false;
        }
        long nowMillis = config.connections().timeZero().plusNanos(nowNanos).toEpochMilli();
        var nonce = new byte[AddressTokens.NONCE_LENGTH];
        random.nextBytes(nonce);
        connection.offerToken(ByteBuffer.wrap(config.tokens().forLater(client.getAddress(), nowMillis, nonce)));
        return true;
    }

    /**
     * {@return the connections, those that are about to end among them}
     */
    public Collection<Connection> connections() {
        return Collections.unmodifiableCollection(connections.keySet());
    }
}
