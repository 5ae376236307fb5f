package io.teahouse.quic.conversation;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.HandshakeIds;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.PathInfo;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ServerHandshake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A client's connection and a server's with several routes between them, and time that passes as fast as it can. */
final class Meeting {
    static final RelayAddress RELAY = new RelayAddress("relay.example");
    private static final int MAX_TURNS = 300_000;

    /** An address that is no UDP address. */
    static final class RelayAddress extends SocketAddress {
        private static final long serialVersionUID = 1;

        private final String name;

        RelayAddress(String name) {
            this.name = name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof RelayAddress that && that.name.equals(name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A way between an address of the client's and one of the server's, with NATs in it if wanted. */
    static final class Route {
        SocketAddress client;
        final SocketAddress server;
        final SimulatedLink toServer;
        final SimulatedLink toClient;
        /** Whether datagrams come in only from where some have gone. */
        private final boolean filtered;

        private boolean clientHasSent;
        private boolean serverHasSent;
        final List<Long> smallToServerAtMillis = new ArrayList<>();
        long bytesToServer;
        long bytesToClient;

        private Route(
                SocketAddress client,
                SocketAddress server,
                SimulatedLink toServer,
                SimulatedLink toClient,
                boolean filtered) {
            this.client = client;
            this.server = server;
            this.toServer = toServer;
            this.toClient = toClient;
            this.filtered = filtered;
        }

        void cut() {
            toServer.cut();
            toClient.cut();
        }
    }

    final Random random;
    final List<Route> routes = new ArrayList<>();
    final List<ConnectionEvent> clientEvents = new ArrayList<>();
    final List<ConnectionEvent> serverEvents = new ArrayList<>();
    private final ConnectionConfig clientConfig;
    private final ConnectionConfig serverConfig;
    Optional<Connection> dialled = Optional.empty();
    Optional<Connection> accepted = Optional.empty();
    long nowNanos;

    Meeting(long seed, ConnectionConfig clientConfig, ConnectionConfig serverConfig) {
        this.random = new Random(seed);
        this.clientConfig = clientConfig;
        this.serverConfig = serverConfig;
    }

    static InetSocketAddress address(int host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("192.0.2." + host), port);
    }

    Route route(SocketAddress client, SocketAddress server, long delayMillis, double loss, int maxBytes) {
        return route(client, server, delayMillis, loss, maxBytes, false);
    }

    Route route(
            SocketAddress client, SocketAddress server, long delayMillis, double loss, int maxBytes, boolean filtered) {
        var route = new Route(
                client,
                server,
                new SimulatedLink(new Random(random.nextLong()), delayMillis, loss, maxBytes, 50),
                new SimulatedLink(new Random(random.nextLong()), delayMillis, loss, maxBytes, 50),
                filtered);
        routes.add(route);
        return route;
    }

    Connection client() {
        return dialled.orElseThrow();
    }

    Connection server() {
        return accepted.orElseThrow();
    }

    void dial(SocketAddress... servers) {
        var networks = new ArrayList<NetworkPath>();
        for (var server : servers) {
            networks.add(NetworkPath.to(server));
        }
        dialled = Optional.of(Connection.client(
                clientConfig,
                new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]),
                parameters -> Pair.clientHandshake(parameters, Optional.empty()),
                Optional.empty(),
                networks,
                random,
                nowNanos));
    }

    void runUntil(BooleanSupplier done) {
        for (int turn = 0; !done.getAsBoolean(); turn++) {
            if (turn == MAX_TURNS) {
                throw new AssertionError("still not after %d ms; client %s %s; server %s %s"
                        .formatted(
                                nowNanos / 1_000_000,
                                clientEvents,
                                client().paths(),
                                serverEvents,
                                accepted.map(Connection::paths)));
            }
            step();
        }
    }

    void run(long millis) {
        long end = nowNanos + millis * 1_000_000;
        runUntil(() -> nextNanos() > end);
        nowNanos = end;
    }

    long millis() {
        return nowNanos / 1_000_000;
    }

    private void step() {
        nowNanos = Math.max(nowNanos, Math.min(nextNanos(), nowNanos + 100_000_000));
        deliver();
        client().handleTimeout(nowNanos);
        accepted.ifPresent(connection -> connection.handleTimeout(nowNanos));
        flush();
    }

    void flush() {
        for (var next = client().pollOutgoing(nowNanos); next.isPresent(); next = client().pollOutgoing(nowNanos)) {
            fromClient(next.get());
        }
        collect(client(), clientEvents);
        accepted.ifPresent(connection -> {
            for (var next = connection.pollOutgoing(nowNanos);
                    next.isPresent();
                    next = connection.pollOutgoing(nowNanos)) {
                fromServer(next.get());
            }
            collect(connection, serverEvents);
        });
    }

    private static void collect(Connection connection, List<ConnectionEvent> events) {
        for (var next = connection.pollEvent(); next.isPresent(); next = connection.pollEvent()) {
            events.add(next.get());
        }
    }

    private static boolean isFrom(SocketAddress address, OutgoingDatagram datagram) {
        var local = datagram.network().local();
        return local.isEmpty()
                || (address instanceof InetSocketAddress ip && local.get().equals(ip.getAddress()));
    }

    private void fromClient(OutgoingDatagram datagram) {
        var bytes = bytes(datagram);
        for (Route route : routes) {
            if (route.server.equals(datagram.network().remote()) && isFrom(route.client, datagram)) {
                route.clientHasSent = true;
                route.bytesToServer += bytes.length;
                if (bytes.length < 100 && datagram.mark() == Ecn.NOT_ECT) {
                    route.smallToServerAtMillis.add(millis());
                }
                if (!route.filtered || route.serverHasSent) {
                    route.toServer.send(bytes, nowNanos);
                }
                return;
            }
        }
    }

    private void fromServer(OutgoingDatagram datagram) {
        var bytes = bytes(datagram);
        for (Route route : routes) {
            if (route.client.equals(datagram.network().remote()) && isFrom(route.server, datagram)) {
                route.serverHasSent = true;
                route.bytesToClient += bytes.length;
                if (!route.filtered || route.clientHasSent) {
                    route.toClient.send(bytes, nowNanos);
                }
                return;
            }
        }
    }

    private static byte[] bytes(OutgoingDatagram datagram) {
        var bytes = new byte[datagram.data().remaining()];
        datagram.data().duplicate().get(bytes);
        return bytes;
    }

    private void deliver() {
        for (Route route : routes) {
            for (var next = route.toServer.receive(nowNanos);
                    next.isPresent();
                    next = route.toServer.receive(nowNanos)) {
                var datagram = ByteBuffer.wrap(next.get());
                var network = new NetworkPath(route.client, local(route.server));
                if (accepted.isEmpty()) {
                    accept(datagram, network);
                }
                accepted.ifPresent(connection -> connection.receive(datagram, network, Ecn.ECT0, nowNanos));
            }
            for (var next = route.toClient.receive(nowNanos);
                    next.isPresent();
                    next = route.toClient.receive(nowNanos)) {
                var network = new NetworkPath(route.server, local(route.client));
                client().receive(ByteBuffer.wrap(next.get()), network, Ecn.ECT0, nowNanos);
            }
        }
    }

    private static Optional<InetAddress> local(SocketAddress address) {
        return address instanceof InetSocketAddress ip ? Optional.of(ip.getAddress()) : Optional.empty();
    }

    private void accept(ByteBuffer datagram, NetworkPath network) {
        var first = new DatagramReader(datagram, ConnectionIdSource.ID_LENGTH, true).next();
        if (first.isPresent()
                && first.get() instanceof ReceivedPacket.Sealed sealed
                && sealed.source().isPresent()) {
            var idSource = new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
            var ids = HandshakeIds.ofServer(
                    idSource.next(), sealed.source().get(), sealed.destination(), Optional.empty());
            accepted = Optional.of(Connection.server(
                    serverConfig,
                    idSource,
                    parameters -> new ServerHandshake(Pair.serverConfig().build(), parameters, new SecureRandom()),
                    ids,
                    false,
                    network,
                    random,
                    nowNanos));
        }
    }

    private long nextNanos() {
        long next = client().nextTimeoutNanos(nowNanos);
        for (Route route : routes) {
            next = Math.min(next, Math.min(route.toServer.nextArrivalNanos(), route.toClient.nextArrivalNanos()));
        }
        return accepted.isPresent() ? Math.min(next, server().nextTimeoutNanos(nowNanos)) : next;
    }

    boolean isConfirmed() {
        return Pair.has(clientEvents, ConnectionEvent.Confirmed.class)
                && Pair.has(serverEvents, ConnectionEvent.Confirmed.class);
    }

    static Optional<PathInfo> path(Connection connection, Predicate<PathInfo> which) {
        return connection.paths().stream().filter(which).findFirst();
    }

    static boolean isValidated(Connection connection, long pathId) {
        return path(connection, path -> path.id() == pathId && path.state() == PathInfo.State.VALIDATED)
                .isPresent();
    }

    static long inUse(Connection connection) {
        return path(connection, PathInfo::isInUse).map(PathInfo::id).orElse(-1L);
    }

    /** Sends a stream from client to server; the event happens once half of it has arrived. */
    void transfer(int length, Runnable halfWay) {
        var data = new byte[length];
        new Random(length).nextBytes(data);
        var unwritten = ByteBuffer.wrap(data);
        var received = ByteBuffer.allocate(length + 1);
        long id = client().streams().open(false).orElseThrow();
        var happened = new boolean[1];
        runUntil(() -> {
            if (unwritten.hasRemaining()) {
                client().streams().write(id, unwritten);
                if (!unwritten.hasRemaining()) {
                    client().streams().finish(id);
                }
            }
            accepted.ifPresent(server -> server.streams().read(id, received));
            if (!happened[0] && received.position() > length / 2) {
                happened[0] = true;
                halfWay.run();
            }
            return received.position() == length;
        });
        if (!received.flip().equals(ByteBuffer.wrap(data))) {
            throw new AssertionError("stream %d: other bytes than sent".formatted(id));
        }
    }
}
