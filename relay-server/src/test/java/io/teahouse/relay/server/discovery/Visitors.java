package io.teahouse.relay.server.discovery;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.tls.ServerCertificate;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A service and clients of it, with nothing between them but a millisecond, and time that passes as fast as it can. */
final class Visitors {
    static final String HOST = "relay.test";
    static final InetSocketAddress RELAY = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 7842);

    private static final long MILLI = 1_000_000;
    private static final int MAX_TURNS = 100_000;

    final LoopCounters counters = new LoopCounters();
    final DiscoveryService service;
    Optional<ServerCertificate> certificate;
    long nowNanos;

    private final Instant timeZero = Instant.now();
    private final SecureRandom random = new SecureRandom();
    private final Set<TrustAnchor> anchors;
    private final List<Visitor> visitors = new ArrayList<>();
    private final Queue<OutgoingDatagram> underWay = new ArrayDeque<>();

    Visitors(DiscoveryLimits limits, X509Certificate authority, ServerCertificate certificate) {
        this.anchors = Set.of(new TrustAnchor(authority, null));
        this.certificate = Optional.of(certificate);
        this.service = new DiscoveryService(
                limits, new CertificateShown(() -> this.certificate), counters, random, timeZero, underWay::add);
    }

    /** One client. */
    final class Visitor {
        final Connection connection;
        final List<ConnectionEvent> events = new ArrayList<>();
        /** What came, datagram by datagram: the types of its packets. */
        final List<List<PacketType>> came = new ArrayList<>();

        InetSocketAddress address;
        long bytesSent;
        long bytesCame;
        boolean isDeaf;
        boolean isDumb;

        private Visitor(InetSocketAddress address, String protocol) {
            this.address = address;
            var config = new ConnectionConfig(
                    Duration.ofSeconds(35),
                    Duration.ofSeconds(25),
                    StreamLimits.DEFAULT,
                    0,
                    Optional.of(AddressDiscovery.RECEIVE),
                    true,
                    Duration.ofMillis(111),
                    timeZero);
            this.connection = Connection.client(
                    config,
                    new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]),
                    parameters -> handshake(parameters, protocol),
                    Optional.empty(),
                    NetworkPath.to(RELAY),
                    random,
                    nowNanos);
        }

        private Handshake handshake(Opaque parameters, String protocol) {
            var config = ClientConfig.builder(PeerVerifier.certified(anchors, HOST), List.of(Opaque.ofUtf8(protocol)))
                    .build();
            var handshake = new ClientHandshake(config, parameters, random);
            handshake.start(Optional.empty(), timeZero.plusNanos(nowNanos));
            return handshake;
        }

        Optional<CloseCause> closed() {
            return events.stream()
                    .filter(ConnectionEvent.Closed.class::isInstance)
                    .map(event -> ((ConnectionEvent.Closed) event).cause())
                    .findFirst();
        }

        private void speak() {
            connection.handleTimeout(nowNanos);
            var next = connection.pollOutgoing(nowNanos);
            while (next.isPresent()) {
                if (!isDumb) {
                    bytesSent += next.get().data().remaining();
                    service.receive(
                            next.get().data(),
                            new NetworkPath(address, Optional.of(RELAY.getAddress())),
                            next.get().mark(),
                            nowNanos);
                }
                next = connection.pollOutgoing(nowNanos);
            }
            for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
                events.add(event.get());
            }
        }

        private void hear(ByteBuffer datagram) {
            bytesCame += datagram.remaining();
            came.add(typesOf(datagram));
            if (!isDeaf) {
                connection.receive(datagram, NetworkPath.to(RELAY), Ecn.NOT_ECT, nowNanos);
            }
        }
    }

    private static List<PacketType> typesOf(ByteBuffer datagram) {
        var copy = ByteBuffer.allocate(datagram.remaining())
                .put(datagram.duplicate())
                .flip();
        var reader = new DatagramReader(copy, ConnectionIdSource.ID_LENGTH, true);
        var types = new ArrayList<PacketType>();
        for (var packet = reader.next(); packet.isPresent(); packet = reader.next()) {
            if (packet.get() instanceof ReceivedPacket.Sealed sealed) {
                types.add(sealed.type());
            }
        }
        return types;
    }

    static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    Visitor visit(InetSocketAddress from) {
        return visit(from, "/iroh-qad/0");
    }

    Visitor visit(InetSocketAddress from, String protocol) {
        var visitor = new Visitor(from, protocol);
        visitors.add(visitor);
        return visitor;
    }

    long count(RelayCounter counter) {
        return counters.get(counter);
    }

    /** Lets time pass until something is true. */
    void runUntil(BooleanSupplier done) {
        for (int turn = 0; !done.getAsBoolean(); turn++) {
            if (turn == MAX_TURNS) {
                throw new AssertionError("still not after %d ms".formatted(nowNanos / MILLI));
            }
            step();
        }
    }

    /** Lets a time pass. */
    void run(Duration time) {
        long end = nowNanos + time.toNanos();
        runUntil(() -> nowNanos >= end);
    }

    private void step() {
        nowNanos += MILLI;
        List.copyOf(visitors).forEach(Visitor::speak);
        service.handleDeadlines(nowNanos);
        nowNanos += MILLI;
        for (var next = underWay.poll(); next != null; next = underWay.poll()) {
            var datagram = next;
            visitors.stream()
                    .filter(visitor -> visitor.address.equals(datagram.network().remote()))
                    .forEach(visitor -> visitor.hear(datagram.data()));
        }
    }
}
