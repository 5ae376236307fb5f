package io.teahouse.endpoint.netreport;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.message.Opaque;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Relays, a client that asks them, a NAT before the client, and time that passes as fast as it can. */
final class SimulatedRelays {
    static final String NAME = "relay.test";
    static final RelayCertificate CERTIFICATE = RelayCertificate.of(NAME, "192.0.2.1", "2001:db8::1");
    static final Opaque PROTOCOL = Opaque.ofUtf8("/iroh-qad/0");

    /** Where a test ends at the latest that goes round in circles. */
    private static final int MAX_TURNS = 200_000;

    private static final long MILLI = 1_000_000;

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record InFlight(
            long arrivesAtNanos, long order, InetSocketAddress from, InetSocketAddress to, byte[] datagram) {}

    final AddressDiscoveryClient client;
    final List<DiscoveryEvent> events = new ArrayList<>();
    /** As which address the NAT lets the client appear. */
    InetSocketAddress outside = address("203.0.113.7", 4711);

    /** From 0 for none to 1 for all. */
    double loss;

    int datagramsToRelays;
    long nowNanos;

    private final Map<InetSocketAddress, QuicEndpoint> relays = new HashMap<>();
    private final Map<Connection, InetSocketAddress> addressOf = new HashMap<>();
    private final Queue<InFlight> network = new PriorityQueue<>(
            Comparator.comparingLong(InFlight::arrivesAtNanos).thenComparingLong(InFlight::order));
    private final Random luck = new Random(1);
    private final long delayNanos;
    private long order;

    SimulatedRelays(Duration roundTrip) {
        this(roundTrip, CERTIFICATE);
    }

    SimulatedRelays(Duration roundTrip, RelayCertificate trusted) {
        this.delayNanos = roundTrip.toNanos() / 2;
        this.client = new AddressDiscoveryClient(
                new DiscoveryConfig(trusted.anchors(), false, Instant.now()), new SecureRandom());
    }

    static InetSocketAddress address(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    static DiscoveryTarget target(int number) {
        return new DiscoveryTarget(NAME, address("192.0.2." + number, DiscoveryTarget.DEFAULT_PORT));
    }

    /** Puts a relay that can do what it should. */
    DiscoveryTarget relay(int number) {
        return relay(target(number), Optional.of(AddressDiscovery.SEND), PROTOCOL);
    }

    DiscoveryTarget relay(DiscoveryTarget target, Optional<AddressDiscovery> role, Opaque protocol) {
        var tls = ServerConfig.builder(CERTIFICATE.credential(), List.of(protocol))
                .build();
        var connections = new ConnectionConfig(
                Duration.ofSeconds(30),
                Duration.ZERO,
                new StreamLimits(0, 0, 0, 0, 0, 1),
                0,
                role,
                true,
                Duration.ofMillis(333),
                Instant.now());
        var config = new EndpointConfig(
                connections,
                parameters -> new ServerHandshake(tls, parameters, new SecureRandom()),
                new AddressTokens(new byte[AddressTokens.KEY_LENGTH]),
                100,
                100);
        var ids = new ConnectionIdSource(new SecureRandom(), new byte[ConnectionIdSource.KEY_LENGTH]);
        relays.put(target.address(), new QuicEndpoint(config, ids, new SecureRandom()));
        return target;
    }

    /** Has a relay vanish, with all that it knows. */
    void remove(DiscoveryTarget target) {
        relays.remove(target.address());
    }

    int connectionsOf(DiscoveryTarget target) {
        return Optional.ofNullable(relays.get(target.address()))
                .map(relay -> relay.connections().size())
                .orElse(0);
    }

    void ask(DiscoveryTarget target) {
        if (!client.ask(target, nowNanos)) {
            throw new AssertionError("no room for " + target);
        }
        flush();
    }

    /** Has the client appear as another, and know that something may have changed. */
    void changeNetwork(InetSocketAddress newOutside) {
        outside = newOutside;
        client.onNetworkChange();
        flush();
    }

    <T extends DiscoveryEvent> List<T> events(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Lets time pass until something is true. */
    void runUntil(BooleanSupplier done) {
        for (int turn = 0; !done.getAsBoolean(); turn++) {
            if (turn == MAX_TURNS) {
                throw new AssertionError("still not after %d ms: %s".formatted(nowNanos / MILLI, events));
            }
            nowNanos = Math.max(nowNanos, Math.min(nextNanos(), nowNanos + 100 * MILLI));
            step();
        }
    }

    void run(Duration time) {
        long end = nowNanos + time.toNanos();
        runUntil(() -> nextNanos() > end);
        nowNanos = end;
    }

    private void step() {
        for (var next = network.peek(); next != null && next.arrivesAtNanos() <= nowNanos; next = network.peek()) {
            deliver(network.remove());
        }
        client.handleTimeout(nowNanos);
        for (var relay : relays.values()) {
            for (var connection : List.copyOf(relay.connections())) {
                connection.handleTimeout(nowNanos);
                flush(relay, connection);
            }
        }
        flush();
    }

    private void deliver(InFlight datagram) {
        var bytes = ByteBuffer.wrap(datagram.datagram());
        var relay = relays.get(datagram.to());
        if (relay == null) {
            if (datagram.to().equals(outside)) {
                client.receive(bytes, NetworkPath.to(datagram.from()), Ecn.NOT_ECT, nowNanos);
                flush();
            }
            return;
        }
        var received = relay.receive(bytes, NetworkPath.to(datagram.from()), Ecn.NOT_ECT, nowNanos);
        if (received instanceof QuicEndpoint.Received.For(var connection, var _)) {
            addressOf.put(connection, datagram.to());
            flush(relay, connection);
        } else if (received instanceof QuicEndpoint.Received.Answer(var answer, var _)) {
            send(answer, datagram.to(), datagram.from());
        }
    }

    private void flush() {
        for (var next = client.pollOutgoing(nowNanos); next.isPresent(); next = client.pollOutgoing(nowNanos)) {
            datagramsToRelays++;
            send(next.get().data(), outside, remoteOf(next.get()));
        }
        for (var next = client.pollEvent(); next.isPresent(); next = client.pollEvent()) {
            events.add(next.get());
        }
    }

    private void flush(QuicEndpoint relay, Connection connection) {
        var from = addressOf.get(connection);
        for (var next = connection.pollOutgoing(nowNanos); next.isPresent(); next = connection.pollOutgoing(nowNanos)) {
            send(next.get().data(), from == null ? outside : from, remoteOf(next.get()));
        }
        relay.refresh(connection);
    }

    private static InetSocketAddress remoteOf(OutgoingDatagram datagram) {
        return (InetSocketAddress) datagram.network().remote();
    }

    private void send(ByteBuffer data, InetSocketAddress from, InetSocketAddress to) {
        if (luck.nextDouble() >= loss) {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            network.add(new InFlight(nowNanos + delayNanos, order++, from, to, bytes));
        }
    }

    private long nextNanos() {
        long next = client.nextTimeoutNanos(nowNanos);
        var first = network.peek();
        if (first != null) {
            next = Math.min(next, first.arrivesAtNanos());
        }
        for (var relay : relays.values()) {
            for (var connection : relay.connections()) {
                next = Math.min(next, connection.nextTimeoutNanos(nowNanos));
            }
        }
        return next;
    }
}
