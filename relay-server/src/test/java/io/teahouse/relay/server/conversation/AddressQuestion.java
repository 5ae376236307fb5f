package io.teahouse.relay.server.conversation;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A client that asks a relay at which address it is seen, on a socket of its own. Not thread-safe. */
final class AddressQuestion implements AutoCloseable {
    private static final long TIMEOUT_NANOS = Duration.ofSeconds(20).toNanos();

    final List<ConnectionEvent> events = new ArrayList<>();

    private final SecureRandom random = new SecureRandom();
    private final long zeroNanos = System.nanoTime();
    private final Instant timeZero = Instant.now();
    private final UdpTransport socket;
    private final Connection connection;

    /** Begins to ask, from the loopback address of the relay's family. */
    AddressQuestion(InetSocketAddress relay, X509Certificate authority) throws IOException {
        var self = relay.getAddress().getAddress().length == 4 ? "127.0.0.1" : "::1";
        socket = UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral(self), 0)));
        var config = new ConnectionConfig(
                Duration.ofSeconds(35),
                Duration.ofSeconds(25),
                StreamLimits.DEFAULT,
                0,
                Optional.of(AddressDiscovery.RECEIVE),
                true,
                Duration.ofMillis(111),
                timeZero);
        var tls = ClientConfig.builder(
                        PeerVerifier.certified(Set.of(new TrustAnchor(authority, null)), "localhost"),
                        List.of(Opaque.ofUtf8("/iroh-qad/0")))
                .build();
        connection = Connection.client(
                config,
                new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]),
                parameters -> {
                    var handshake = new ClientHandshake(tls, parameters, random);
                    handshake.start(Optional.empty(), timeZero);
                    return handshake;
                },
                Optional.empty(),
                NetworkPath.to(relay),
                random,
                0);
    }

    InetSocketAddress ownAddress() {
        return socket.localAddress();
    }

    /** Returns what the relay has said by now. */
    Optional<InetSocketAddress> answer() {
        return connection.observedAddress();
    }

    InetSocketAddress awaitAnswer() throws IOException {
        runUntil("no answer", () -> answer().isPresent() && connection.isConnected());
        return answer().orElseThrow();
    }

    void awaitEvent(ConnectionEvent event) throws IOException {
        runUntil("no " + event, () -> events.contains(event));
    }

    void runUntil(String otherwise, BooleanSupplier done) throws IOException {
        long end = nanos() + TIMEOUT_NANOS;
        while (!done.getAsBoolean()) {
            long now = nanos();
            if (now > end) {
                throw new AssertionError(otherwise + "; " + events);
            }
            connection.handleTimeout(now);
            flush();
            long wait = Math.min(connection.nextTimeoutNanos(now), end) - now;
            socket.receive((datagram, from, mark) -> connection.receive(datagram, from, mark, nanos()), wait);
            for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
                events.add(event.get());
            }
        }
        flush();
    }

    private void flush() throws IOException {
        for (var next = connection.pollOutgoing(nanos()); next.isPresent(); next = connection.pollOutgoing(nanos())) {
            socket.send(next.get().data(), next.get().network(), next.get().mark());
        }
        socket.flush();
    }

    private long nanos() {
        return System.nanoTime() - zeroNanos;
    }

    @Override
    public void close() throws IOException {
        connection.close(1, "finished", nanos());
        flush();
        socket.close();
    }
}
