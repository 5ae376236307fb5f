package io.teahouse.quic.simulation;

import io.teahouse.core.SecretKey;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.Inspection;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;

/**
 * A client, a server's endpoint, a network between them and applications on both, driven by one clock as fast as it goes.
 * After each step it is looked whether what always has to be true still is.
 */
final class Simulation {
    private static final int SERVER_PORT = 2222;
    private static final long SECOND = 1_000_000_000;
    private static final long NEVER = Long.MAX_VALUE;

    /** Until when all has to be done, unless the connection may end before. */
    private static final long TIME_LIMIT = 3_000 * SECOND;
    /** How long it takes at most until all is quiet once nothing is to be done. */
    private static final long SETTLE_NANOS = 20 * SECOND;

    private static final int MAX_DATAGRAMS_AT_ONCE = 20_000;
    private static final int MAX_STEPS_AT_ONCE = 200_000;
    /** How often a timer may ring in a second without anything to send. */
    private static final int MAX_IDLE_WAKEUPS = 300;

    private static final int PROBE_TIMEOUTS = 3;
    private static final long ABANDONED = 0x3e;

    private static final SecretKey SERVER_KEY = SecretKey.fromBytes(new byte[SecretKey.LENGTH]);
    private static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("simulation"));

    /** How much came from an address and went there. */
    private static final class Traffic {
        long received;
        long sent;
        boolean proven;
    }

    /** One way from the client to the server, with addresses of its own at both ends. */
    final class Route {
        final Link toServer;
        final Link toClient;
        final InetSocketAddress serverAddress;
        InetSocketAddress clientAddress;

        Route(int index) {
            toServer = new Link(
                    new Random(scenario.seed() + 2 + 2L * index),
                    scenario.toServer().get(index));
            toClient = new Link(
                    new Random(scenario.seed() + 3 + 2L * index),
                    scenario.toClient().get(index));
            serverAddress = new InetSocketAddress(InetAddress.ofLiteral("10.2.%d.1".formatted(index)), SERVER_PORT);
            clientAddress = new InetSocketAddress(InetAddress.ofLiteral("10.1.%d.1".formatted(index)), 1000);
        }
    }

    final Scenario scenario;
    final Random random;
    final List<Route> routes = new ArrayList<>();
    final Side client;
    Optional<Side> server = Optional.empty();
    private QuicEndpoint endpoint;
    private final Map<InetSocketAddress, Traffic> traffic = new HashMap<>();
    private final Queue<Incident> incidents;
    private boolean restarted;
    private boolean working = true;
    long nowNanos;
    private int stepsAtOnce;
    long steps;
    long datagrams;

    Simulation(Scenario scenario) {
        this.scenario = scenario;
        this.random = new Random(scenario.seed() + 1);
        for (int index = 0; index < Incident.ROUTES; index++) {
            routes.add(new Route(index));
        }
        this.incidents = new ArrayDeque<>(scenario.incidents());
        this.endpoint = endpoint();
        boolean early = scenario.tls().offersEarly() && !scenario.realTls();
        var connection = Connection.client(
                scenario.client(),
                idSource(),
                this::clientTls,
                early ? Optional.of(Inspection.rememberedParameters(scenario.server(), random)) : Optional.empty(),
                NetworkPath.to(routes.getFirst().serverAddress),
                random,
                0);
        this.client = new Side(
                Role.CLIENT,
                connection,
                new Application(Role.CLIENT, scenario.fromClient(), scenario.fromServer()),
                early,
                0);
    }

    private ConnectionIdSource idSource() {
        return new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
    }

    private QuicEndpoint endpoint() {
        var config = new EndpointConfig(
                scenario.server(),
                this::serverTls,
                new AddressTokens(new byte[AddressTokens.KEY_LENGTH]),
                3,
                scenario.retry() ? 0 : 100);
        return new QuicEndpoint(config, idSource(), random);
    }

    private Handshake clientTls(Opaque parameters) {
        if (!scenario.realTls()) {
            return PretendedHandshake.client(scenario.tls(), parameters);
        }
        var config = ClientConfig.builder(PeerVerifier.endpoint(SERVER_KEY.endpointId()), PROTOCOLS)
                .credential(Credential.of(SERVER_KEY))
                .build();
        var handshake = new ClientHandshake(config, parameters, new SecureRandom());
        handshake.start(Optional.empty(), Scenario.TIME_ZERO);
        return handshake;
    }

    private Handshake serverTls(Opaque parameters) {
        if (!scenario.realTls()) {
            return PretendedHandshake.server(scenario.tls(), parameters);
        }
        var config = ServerConfig.builder(Credential.of(SERVER_KEY), PROTOCOLS)
                .verifier(PeerVerifier.anyEndpoint())
                .build();
        return new ServerHandshake(config, parameters, new SecureRandom());
    }

    /** Lets everything happen, to the end. */
    void run() {
        while (!isOver()
                && !(client.application.isDone()
                        && server.isPresent()
                        && server.get().application.isDone())) {
            step();
            require(nowNanos < TIME_LIMIT, "not done in time");
        }
        working = false;
        incidents.clear();
        if (!isOver()) {
            settle();
        }
        end();
    }

    private boolean isOver() {
        return client.isClosed()
                || restarted
                || (server.isPresent() && server.get().isClosed());
    }

    /** All is said; now all that is lost has to be repeated, and then nothing be left. */
    private void settle() {
        routes.forEach(route -> {
            route.toServer.recover();
            route.toClient.recover();
        });
        long quietFrom = nowNanos + SETTLE_NANOS;
        // What is only said to be heard is answered soon.
        long quietUntil = quietFrom + SETTLE_NANOS;
        while (!isOver() && nowNanos < quietUntil && (nowNanos < quietFrom || !isQuiet())) {
            step();
        }
        if (isOver()) {
            return;
        }
        var serverSide = server.orElseThrow();
        client.requireNothingLeft(nowNanos);
        serverSide.requireNothingLeft(nowNanos);
        var closing = random.nextBoolean() ? client : serverSide;
        closing.close(nowNanos);
        if (random.nextInt(4) == 0) {
            (closing == client ? serverSide : client).close(nowNanos);
        }
    }

    private boolean isQuiet() {
        return sides().stream()
                .allMatch(side -> Inspection.unrest(side.connection).isEmpty());
    }

    /** Somebody has closed: the others have to notice, in a while at the latest. */
    private void end() {
        long longest = 2
                * Math.max(
                        scenario.client().idleTimeout().toNanos(),
                        scenario.server().idleTimeout().toNanos());
        long enough = nowNanos + longest;
        long until = enough + 100 * SECOND;
        while (!client.connection.isOver() || !endpoint.connections().isEmpty()) {
            require(nowNanos < until, "still not over");
            if (nowNanos > enough && server.map(Side::isClosed).orElse(true)) {
                // The server's connection was over before the client knew of it, and it has begun another one.
                client.close(nowNanos);
            }
            step();
        }
    }

    void step() {
        long next = nextNanos();
        require(next != NEVER, "nothing will ever happen");
        if (next > nowNanos) {
            nowNanos = next;
            stepsAtOnce = 0;
        }
        steps++;
        require(++stepsAtOnce < MAX_STEPS_AT_ONCE, "time stands still");
        while (!incidents.isEmpty() && incidents.element().atNanos() <= nowNanos) {
            happen(incidents.remove().what());
        }
        deliver();
        sides().forEach(side -> side.handleTimeout(nowNanos));
        for (Connection connection : others()) {
            connection.handleTimeout(nowNanos);
        }
        flush();
        if (working) {
            sides().forEach(side -> side.act(nowNanos));
            flush();
        }
    }

    private List<Side> sides() {
        return server.isPresent() ? List.of(client, server.get()) : List.of(client);
    }

    /** Connections that began with something that came late, or again: nobody is there any more. */
    private List<Connection> others() {
        return endpoint.connections().stream()
                .filter(connection -> server.isEmpty() || server.get().connection != connection)
                .toList();
    }

    private long nextNanos() {
        long next = NEVER;
        for (Route route : routes) {
            next = Math.min(next, route.toServer.nextArrivalNanos());
            next = Math.min(next, route.toClient.nextArrivalNanos());
        }
        if (!incidents.isEmpty()) {
            next = Math.min(next, incidents.element().atNanos());
        }
        for (Side side : sides()) {
            next = Math.min(next, side.nextNanos(working, nowNanos));
        }
        for (Connection connection : others()) {
            next = Math.min(next, connection.nextTimeoutNanos(nowNanos));
        }
        return next;
    }

    private void happen(Incident.What what) {
        switch (what) {
            case Incident.What.Rebind(int index) -> {
                var route = routes.get(index);
                if (Inspection.isConfirmed(client.connection) && server.isPresent()) {
                    var before = route.clientAddress;
                    route.clientAddress = new InetSocketAddress(before.getAddress(), before.getPort() + 1);
                }
            }
            case Incident.What.Dark(int route, boolean server, boolean client, long nanos) -> {
                if (server) {
                    routes.get(route).toServer.darken(nowNanos + nanos);
                }
                if (client) {
                    routes.get(route).toClient.darken(nowNanos + nanos);
                }
            }
            case Incident.What.Narrow(int route, int bytes) -> {
                for (Link link : List.of(routes.get(route).toServer, routes.get(route).toClient)) {
                    link.change(link.conditions().narrowedTo(bytes));
                }
            }
            case Incident.What.Change(int route) -> {
                routes.get(route).toServer.change(Conditions.draw(random));
                routes.get(route).toClient.change(Conditions.draw(random));
            }
            case Incident.What.OpenPath(int route, boolean available) -> {
                if (!client.isClosed()) {
                    client.connection.openPath(NetworkPath.to(routes.get(route).serverAddress), available, nowNanos);
                }
            }
            case Incident.What.Status(Role side, int pathId, boolean available) ->
                of(side).ifPresent(known -> known.connection.setPathStatus(pathId, available));
            case Incident.What.Abandon(Role side, int pathId) ->
                of(side).ifPresent(known -> known.connection.abandonPath(pathId, ABANDONED, nowNanos));
            case Incident.What.UpdateKeys(Role side) ->
                of(side).ifPresent(known -> known.connection.updateKeys(nowNanos));
            case Incident.What.Close(Role side) -> of(side).ifPresent(known -> known.close(nowNanos));
            case Incident.What.Restart _ -> {
                if (server.isPresent()) {
                    endpoint = endpoint();
                    restarted = true;
                    server = Optional.empty();
                }
            }
        }
    }

    private Optional<Side> of(Role role) {
        return role == Role.CLIENT ? Optional.of(client) : server;
    }

    private void deliver() {
        for (Route route : routes) {
            for (var next = route.toServer.receive(nowNanos);
                    next.isPresent();
                    next = route.toServer.receive(nowNanos)) {
                deliverToServer(next.get());
            }
            for (var next = route.toClient.receive(nowNanos);
                    next.isPresent();
                    next = route.toClient.receive(nowNanos)) {
                if (next.get().to().equals(route.clientAddress)) {
                    deliverToClient(next.get());
                }
            }
        }
    }

    private void deliverToServer(Link.Arrival arrival) {
        traffic(arrival.from()).received += arrival.data().length;
        var received = endpoint.receive(
                ByteBuffer.wrap(arrival.data()),
                new NetworkPath(arrival.from(), Optional.of(arrival.to().getAddress())),
                arrival.mark(),
                nowNanos);
        switch (received) {
            case QuicEndpoint.Received.For(var connection, var isNew) -> {
                if (isNew && server.isEmpty() && !restarted) {
                    server = Optional.of(serverSide(connection));
                }
                if (server.isPresent() && server.get().connection == connection && arrival.clean()) {
                    server.get().heardAtNanos = nowNanos;
                }
                requireBounded(connection);
            }
            case QuicEndpoint.Received.Answer answer -> sendFromServer(answer.answer(), Ecn.NOT_ECT, arrival.from());
            case QuicEndpoint.Received.Dropped _, QuicEndpoint.Received.Refused _ -> {}
        }
    }

    private void deliverToClient(Link.Arrival arrival) {
        traffic(arrival.to()).proven |= arrival.clean();
        if (arrival.clean()) {
            client.heardAtNanos = nowNanos;
        }
        client.connection.receive(
                ByteBuffer.wrap(arrival.data()), NetworkPath.to(arrival.from()), arrival.mark(), nowNanos);
        requireBounded(client.connection);
    }

    private void requireBounded(Connection connection) {
        Inspection.requireSound(connection);
        if (steps % 16 == 0) {
            Inspection.requireReceivedIsBounded(connection, 8);
        }
    }

    private Side serverSide(Connection connection) {
        var application = new Application(Role.SERVER, scenario.fromServer(), scenario.fromClient());
        return new Side(Role.SERVER, connection, application, false, nowNanos);
    }

    private void flush() {
        int count = 0;
        for (var next = client.poll(nowNanos); next.isPresent(); next = client.poll(nowNanos)) {
            require(++count < MAX_DATAGRAMS_AT_ONCE, "the client does not stop sending");
            datagrams++;
            var remote = (InetSocketAddress) next.get().network().remote();
            var route = routeOf(remote.getAddress());
            route.toServer.send(next.get().data(), next.get().mark(), route.clientAddress, remote, nowNanos);
        }
        client.collect(nowNanos);
        server.ifPresent(side -> {
            int sent = 0;
            for (var next = side.poll(nowNanos); next.isPresent(); next = side.poll(nowNanos)) {
                require(++sent < MAX_DATAGRAMS_AT_ONCE, "the server does not stop sending");
                sendFromServer(next.get().data(), next.get().mark(), (InetSocketAddress)
                        next.get().network().remote());
            }
            side.collect(nowNanos);
        });
        for (Connection connection : others()) {
            var next = connection.pollOutgoing(nowNanos);
            while (next.isPresent()) {
                sendFromServer(next.get().data(), next.get().mark(), (InetSocketAddress)
                        next.get().network().remote());
                next = connection.pollOutgoing(nowNanos);
            }
        }
        for (Connection connection : List.copyOf(endpoint.connections())) {
            endpoint.refresh(connection);
        }
    }

    private void sendFromServer(ByteBuffer datagram, Ecn mark, InetSocketAddress to) {
        datagrams++;
        var known = traffic(to);
        known.sent += datagram.remaining();
        require(known.proven || known.sent <= 3 * known.received, "sent too much to " + to);
        var route = routeOf(to.getAddress());
        route.toClient.send(datagram, mark, route.serverAddress, to, nowNanos);
    }

    private Route routeOf(InetAddress address) {
        return routes.get(address.getAddress()[2]);
    }

    private Traffic traffic(InetSocketAddress address) {
        return traffic.computeIfAbsent(address, _ -> new Traffic());
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("%s, at %d ms; client %s %s; server %s"
                            .formatted(
                                    what,
                                    nowNanos / 1_000_000,
                                    client.connection.isOver() ? "over" : "",
                                    client.application,
                                    server.map(side -> side.application.toString())
                                            .orElse("not there"))
                    + "; others " + others().size());
        }
    }

    /** A connection and what uses it. */
    final class Side {
        final Role role;
        final Connection connection;
        final Application application;
        private final boolean mayOpenEarly;
        long heardAtNanos;
        Optional<CloseCause> cause = Optional.empty();
        private boolean closedByUs;
        private long overAtNanos = NEVER;
        private long wakeupsSinceNanos;
        private int idleWakeups;
        private boolean woken;

        Side(Role role, Connection connection, Application application, boolean mayOpenEarly, long heardAtNanos) {
            this.role = role;
            this.connection = connection;
            this.application = application;
            this.mayOpenEarly = mayOpenEarly;
            this.heardAtNanos = heardAtNanos;
        }

        boolean isClosed() {
            return cause.isPresent();
        }

        void close(long now) {
            closedByUs = true;
            if (!isClosed()) {
                connection.close(StreamPlan.numberOf(role) + 40, "enough of " + role, now);
            }
        }

        long nextNanos(boolean applicationsWork, long now) {
            long next = connection.nextTimeoutNanos(now);
            return applicationsWork && !isClosed() ? Math.min(next, application.nextNanos(maySend())) : next;
        }

        void handleTimeout(long now) {
            woken = connection.nextTimeoutNanos(now) <= now;
            connection.handleTimeout(now);
        }

        Optional<OutgoingDatagram> poll(long now) {
            var mayExceed = Inspection.mayExceedWindow(connection, now);
            var before = Inspection.bytesInFlightByPath(connection);
            var next = connection.pollOutgoing(now);
            next.ifPresent(datagram -> {
                woken = false;
                long path = datagram.pathId();
                var after = Inspection.bytesInFlightByPath(connection);
                boolean more = after.getOrDefault(path, 0L) > before.getOrDefault(path, 0L);
                require(
                        !more || mayExceed.contains(path) || Inspection.isWithinWindow(connection, path),
                        role + ": more than the window on path " + path);
                Inspection.requireSound(connection);
            });
            return next;
        }

        void act(long now) {
            if (!isClosed()) {
                application.act(connection, maySend(), now);
            }
        }

        private boolean maySend() {
            return mayOpenEarly || connection.isConnected();
        }

        void collect(long now) {
            if (woken) {
                if (now - wakeupsSinceNanos > SECOND) {
                    wakeupsSinceNanos = now;
                    idleWakeups = 0;
                }
                require(++idleWakeups <= MAX_IDLE_WAKEUPS, role + ": timers ring for nothing");
                woken = false;
            }
            for (var next = connection.pollEvent(); next.isPresent(); next = connection.pollEvent()) {
                if (next.get() instanceof ConnectionEvent.Closed(CloseCause found)) {
                    require(cause.isEmpty(), role + ": closed twice");
                    cause = Optional.of(found);
                    overAtNanos = now + PROBE_TIMEOUTS * Inspection.probeTimeoutNanos(connection);
                    requireReason(found, now);
                }
            }
            require(now <= overAtNanos || connection.isOver(), role + ": closed and not over");
        }

        /** Whether a connection may end like this. */
        private void requireReason(CloseCause found, long now) {
            var other = role == Role.CLIENT ? server : Optional.of(client);
            long idle = Math.min(
                    scenario.client().idleTimeout().toNanos(),
                    scenario.server().idleTimeout().toNanos());
            // Before that, much of what comes does not count: its keys are gone, or not there yet.
            boolean known = Inspection.isConfirmed(client.connection);
            boolean fine = switch (found) {
                case CloseCause.Local(long code) -> closedByUs && code == StreamPlan.numberOf(role) + 40;
                case CloseCause.PeerApplication(long code, String reason) ->
                    (restarted || other.orElseThrow().closedByUs)
                            && code == StreamPlan.numberOf(role.peer()) + 40
                            && reason.equals("enough of " + role.peer());
                case CloseCause.PeerTransport(long code, String _) ->
                    code == 0x0c && (restarted || other.orElseThrow().closedByUs);
                case CloseCause.Idle _ -> !known || now - heardAtNanos >= idle - idle / 20;
                case CloseCause.Reset _ ->
                    restarted || other.isEmpty() || other.get().isClosed();
                case CloseCause.Late _ -> !known;
                case CloseCause.NoPath _ -> connection.hasSeveralPaths();
                case CloseCause.Breach _, CloseCause.VersionUnknown _ -> false;
            };
            require(fine, "%s: %s".formatted(role, found));
        }

        void requireNothingLeft(long now) {
            Inspection.unrest(connection).ifPresent(unrest -> require(false, role + ": " + unrest));
            require(connection.nextTimeoutNanos(now) > now, role + ": wants to be called");
            for (long id = 0; id < 64; id++) {
                var streams = connection.streams();
                require(
                        streams.sending(id).isEmpty() && streams.receiving(id).isEmpty(),
                        "%s: stream %d is not over".formatted(role, id));
            }
        }
    }
}
