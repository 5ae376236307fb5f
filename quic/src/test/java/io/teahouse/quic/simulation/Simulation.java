package io.teahouse.quic.simulation;

import io.teahouse.core.SecretKey;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.Inspection;
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
    static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 2222);
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
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

    private static final SecretKey SERVER_KEY = SecretKey.fromBytes(new byte[SecretKey.LENGTH]);
    private static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("simulation"));

    /** How much came from an address and went there. */
    private static final class Traffic {
        long received;
        long sent;
        boolean proven;
    }

    final Scenario scenario;
    final Random random;
    final Link toServer;
    final Link toClient;
    final Side client;
    Optional<Side> server = Optional.empty();
    private QuicEndpoint endpoint;
    private InetSocketAddress clientAddress = new InetSocketAddress(CLIENT, 1000);
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
        this.toServer = new Link(new Random(scenario.seed() + 2), scenario.toServer());
        this.toClient = new Link(new Random(scenario.seed() + 3), scenario.toClient());
        this.incidents = new ArrayDeque<>(scenario.incidents());
        this.endpoint = endpoint();
        boolean early = scenario.tls().offersEarly() && !scenario.realTls();
        var connection = Connection.client(
                scenario.client(),
                idSource(),
                this::clientTls,
                early ? Optional.of(Inspection.rememberedParameters(scenario.server(), random)) : Optional.empty(),
                NetworkPath.to(SERVER),
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
        toServer.recover();
        toClient.recover();
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
        long next = Math.min(toServer.nextArrivalNanos(), toClient.nextArrivalNanos());
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
            case Incident.What.Rebind _ -> {
                if (Inspection.isConfirmed(client.connection) && server.isPresent()) {
                    clientAddress = new InetSocketAddress(CLIENT, clientAddress.getPort() + 1);
                }
            }
            case Incident.What.Dark(boolean server, boolean client, long nanos) -> {
                if (server) {
                    toServer.darken(nowNanos + nanos);
                }
                if (client) {
                    toClient.darken(nowNanos + nanos);
                }
            }
            case Incident.What.Narrow(int bytes) -> {
                toServer.change(toServer.conditions().narrowedTo(bytes));
                toClient.change(toClient.conditions().narrowedTo(bytes));
            }
            case Incident.What.Change _ -> {
                toServer.change(Conditions.draw(random));
                toClient.change(Conditions.draw(random));
            }
            case Incident.What.UpdateKeys(Role side) -> {
                if (side == Role.CLIENT) {
                    Inspection.updateKeys(client.connection, nowNanos);
                } else {
                    server.ifPresent(known -> Inspection.updateKeys(known.connection, nowNanos));
                }
            }
            case Incident.What.Close(Role side) -> {
                if (side == Role.CLIENT) {
                    client.close(nowNanos);
                } else {
                    server.ifPresent(known -> known.close(nowNanos));
                }
            }
            case Incident.What.Restart _ -> {
                if (server.isPresent()) {
                    endpoint = endpoint();
                    restarted = true;
                    server = Optional.empty();
                }
            }
        }
    }

    private void deliver() {
        for (var next = toServer.receive(nowNanos); next.isPresent(); next = toServer.receive(nowNanos)) {
            var arrival = next.get();
            traffic(arrival.from()).received += arrival.data().length;
            var received = endpoint.receive(
                    ByteBuffer.wrap(arrival.data()), NetworkPath.to(arrival.from()), arrival.mark(), nowNanos);
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
                case QuicEndpoint.Received.Answer answer -> answer(answer.answer(), arrival.from());
                case QuicEndpoint.Received.Dropped _, QuicEndpoint.Received.Refused _ -> {}
            }
        }
        for (var next = toClient.receive(nowNanos); next.isPresent(); next = toClient.receive(nowNanos)) {
            var arrival = next.get();
            if (arrival.to().equals(clientAddress)) {
                traffic(arrival.to()).proven |= arrival.clean();
                if (arrival.clean()) {
                    client.heardAtNanos = nowNanos;
                }
                client.connection.receive(
                        ByteBuffer.wrap(arrival.data()), NetworkPath.to(arrival.from()), arrival.mark(), nowNanos);
                requireBounded(client.connection);
            }
        }
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

    private void answer(ByteBuffer datagram, InetSocketAddress to) {
        sendFromServer(datagram, Ecn.NOT_ECT, to);
    }

    private void flush() {
        int count = 0;
        for (var next = client.poll(nowNanos); next.isPresent(); next = client.poll(nowNanos)) {
            require(++count < MAX_DATAGRAMS_AT_ONCE, "the client does not stop sending");
            datagrams++;
            toServer.send(next.get().data(), next.get().mark(), clientAddress, SERVER, nowNanos);
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
        toClient.send(datagram, mark, SERVER, to, nowNanos);
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
                connection.close(role.ordinal() + 40, "enough of " + role, now);
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

        Optional<io.teahouse.quic.OutgoingDatagram> poll(long now) {
            boolean mayExceed = Inspection.mayExceedWindow(connection, now);
            long before = Inspection.bytesInFlight(connection);
            var next = connection.pollOutgoing(now);
            if (next.isPresent()) {
                woken = false;
                boolean more = Inspection.bytesInFlight(connection) > before;
                require(!more || mayExceed || Inspection.isWithinWindow(connection), role + ": more than the window");
                Inspection.requireSound(connection);
            }
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
                case CloseCause.Local(long code) -> closedByUs && code == role.ordinal() + 40;
                case CloseCause.PeerApplication(long code, String reason) ->
                    (restarted || other.orElseThrow().closedByUs)
                            && code == role.peer().ordinal() + 40
                            && reason.equals("enough of " + role.peer());
                case CloseCause.PeerTransport(long code, String _) ->
                    code == 0x0c && (restarted || other.orElseThrow().closedByUs);
                case CloseCause.Idle _ -> !known || now - heardAtNanos >= idle - idle / 20;
                case CloseCause.Reset _ ->
                    restarted || other.isEmpty() || other.get().isClosed();
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
