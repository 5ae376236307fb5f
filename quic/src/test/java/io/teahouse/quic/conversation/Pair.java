package io.teahouse.quic.conversation;

import io.teahouse.core.SecretKey;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.HandshakeIds;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A client's connection and a server's, with a simulated network between them, and time that passes as fast as it can. */
final class Pair {
    static final Instant TIME_ZERO = Instant.parse("2026-01-01T00:00:00Z");
    static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("teahouse/1"));
    static final SecretKey CLIENT_KEY = key(1);
    static final SecretKey SERVER_KEY = key(2);
    static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1111);
    static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 2222);

    /** Where it ends at the latest: a test that gets here has gone round in circles. */
    private static final int MAX_TURNS = 300_000;

    final Random random;
    final Wire toServer;
    final Wire toClient;
    final Connection client;
    Optional<Connection> server = Optional.empty();
    final List<ConnectionEvent> clientEvents = new ArrayList<>();
    final List<ConnectionEvent> serverEvents = new ArrayList<>();
    /** From where the client's datagrams come. */
    InetSocketAddress clientAddress = CLIENT;

    long nowNanos;
    int largestToServer;
    long bytesToServer;
    long bytesToClient;

    private final ConnectionConfig serversConfig;
    private final Function<Opaque, Handshake> serverTls;
    private final ConnectionIdSource serverIds;

    Pair(long seed, long delayMillis, Wire.Faults faults) {
        this(
                seed,
                delayMillis,
                faults,
                ConnectionConfig.defaults(TIME_ZERO),
                serverConfig().build(),
                Optional.empty());
    }

    Pair(
            long seed,
            long delayMillis,
            Wire.Faults faults,
            ConnectionConfig config,
            ServerConfig serverConfig,
            Optional<ClientTicket> ticket) {
        this(seed, delayMillis, faults, config, config, serverConfig, ticket);
    }

    Pair(
            long seed,
            long delayMillis,
            Wire.Faults faults,
            ConnectionConfig clientsConfig,
            ConnectionConfig serversConfig,
            ServerConfig serverConfig,
            Optional<ClientTicket> ticket) {
        this.random = new Random(seed);
        this.serversConfig = serversConfig;
        this.toServer = new Wire(seed + 1, delayMillis, faults);
        this.toClient = new Wire(seed + 2, delayMillis, faults);
        this.serverTls = parameters -> new ServerHandshake(serverConfig, parameters, new SecureRandom());
        this.serverIds = new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
        this.client = Connection.client(
                clientsConfig,
                new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]),
                parameters -> clientHandshake(parameters, ticket),
                ticket.map(known -> known.memory().peerTransportParameters()),
                NetworkPath.to(SERVER),
                random,
                0);
    }

    static Handshake clientHandshake(Opaque parameters, Optional<ClientTicket> ticket) {
        var config = ClientConfig.builder(PeerVerifier.endpoint(SERVER_KEY.endpointId()), PROTOCOLS)
                .credential(Credential.of(CLIENT_KEY))
                .build();
        var handshake = new ClientHandshake(config, parameters, new SecureRandom());
        handshake.start(ticket, TIME_ZERO.plusSeconds(1));
        return handshake;
    }

    static ServerConfig.Builder serverConfig() {
        return ServerConfig.builder(Credential.of(SERVER_KEY), PROTOCOLS).verifier(PeerVerifier.anyEndpoint());
    }

    private static SecretKey key(int seed) {
        var bytes = new byte[SecretKey.LENGTH];
        bytes[0] = (byte) seed;
        return SecretKey.fromBytes(bytes);
    }

    Connection server() {
        return server.orElseThrow();
    }

    /** Lets time pass until something is true. */
    void runUntil(BooleanSupplier done) {
        for (int turn = 0; !done.getAsBoolean(); turn++) {
            if (turn == MAX_TURNS) {
                throw new AssertionError("still not after %d ms; client %s; server %s"
                        .formatted(nowNanos / 1_000_000, clientEvents, serverEvents));
            }
            step();
        }
    }

    /** Lets a time pass. */
    void run(long millis) {
        long end = nowNanos + millis * 1_000_000;
        runUntil(() -> nextNanos() > end);
        nowNanos = end;
    }

    /** Goes to the time of what comes next, and does it. */
    void step() {
        nowNanos = Math.max(nowNanos, Math.min(nextNanos(), nowNanos + 100_000_000));
        deliver();
        client.handleTimeout(nowNanos);
        server.ifPresent(connection -> connection.handleTimeout(nowNanos));
        flush();
    }

    /** Done at each step. */
    Runnable eachStep = () -> {};

    void flush() {
        eachStep.run();
        for (var next = client.pollOutgoing(nowNanos); next.isPresent(); next = client.pollOutgoing(nowNanos)) {
            bytesToServer += next.get().data().remaining();
            largestToServer = Math.max(largestToServer, next.get().data().remaining());
            toServer.send(next.get().data(), nowNanos);
        }
        server.ifPresent(this::flushServer);
        collect(client, clientEvents);
        server.ifPresent(connection -> collect(connection, serverEvents));
    }

    private static void collect(Connection connection, List<ConnectionEvent> events) {
        for (var next = connection.pollEvent(); next.isPresent(); next = connection.pollEvent()) {
            events.add(next.get());
        }
    }

    private void flushServer(Connection connection) {
        Optional<OutgoingDatagram> next = connection.pollOutgoing(nowNanos);
        while (next.isPresent()) {
            bytesToClient += next.get().data().remaining();
            if (next.get().network().remote().equals(clientAddress)) {
                toClient.send(next.get().data(), nowNanos);
            }
            next = connection.pollOutgoing(nowNanos);
        }
    }

    private void deliver() {
        for (var next = toServer.receive(nowNanos); next.isPresent(); next = toServer.receive(nowNanos)) {
            var datagram = ByteBuffer.wrap(next.get());
            if (server.isEmpty()) {
                accept(datagram);
            }
            server.ifPresent(
                    connection -> connection.receive(datagram, NetworkPath.to(clientAddress), Ecn.ECT0, nowNanos));
        }
        for (var next = toClient.receive(nowNanos); next.isPresent(); next = toClient.receive(nowNanos)) {
            client.receive(ByteBuffer.wrap(next.get()), NetworkPath.to(SERVER), Ecn.ECT0, nowNanos);
        }
    }

    private void accept(ByteBuffer datagram) {
        var first = new DatagramReader(datagram, ConnectionIdSource.ID_LENGTH, true).next();
        if (first.isPresent()
                && first.get() instanceof ReceivedPacket.Sealed sealed
                && sealed.source().isPresent()) {
            var ids = HandshakeIds.ofServer(
                    serverIds.next(), sealed.source().get(), sealed.destination(), Optional.empty());
            server = Optional.of(Connection.server(
                    serversConfig, serverIds, serverTls, ids, false, NetworkPath.to(CLIENT), random, nowNanos));
        }
    }

    private long nextNanos() {
        long next = Math.min(toServer.nextArrivalNanos(), toClient.nextArrivalNanos());
        next = Math.min(next, client.nextTimeoutNanos(nowNanos));
        return server.isPresent() ? Math.min(next, server.get().nextTimeoutNanos(nowNanos)) : next;
    }

    static boolean has(List<ConnectionEvent> events, Class<? extends ConnectionEvent> type) {
        return events.stream().anyMatch(type::isInstance);
    }

    boolean isConfirmed() {
        return has(clientEvents, ConnectionEvent.Confirmed.class) && has(serverEvents, ConnectionEvent.Confirmed.class);
    }
}
