package io.teahouse.interop;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionTrace;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.HandshakeSummary;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Our client of the test protocol, run by a test's thread. */
final class QuicClientSide extends QuicSide {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Connection connection;

    /**
     * Begins a connection.
     *
     * @param authority who is trusted
     * @param remote    the server
     * @param ticket    of an earlier connection
     */
    QuicClientSide(X509Certificate authority, InetSocketAddress remote, Optional<ClientTicket> ticket)
            throws IOException {
        this(authority, remote, ticket, QlogFiles.asEnvironmentSays());
    }

    QuicClientSide(
            X509Certificate authority,
            InetSocketAddress remote,
            Optional<ClientTicket> ticket,
            ConnectionTrace.Source traces)
            throws IOException {
        super(traces);
        var anchors = Set.of(new TrustAnchor(authority, null));
        var tls = ClientConfig.builder(
                        PeerVerifier.certified(anchors, "localhost"), List.of(Opaque.ofUtf8("teahouse/interop/1")))
                .build();
        this.connection = Connection.client(
                config,
                idSource,
                parameters -> {
                    var handshake = new ClientHandshake(tls, parameters, random);
                    handshake.start(ticket, timeZero);
                    return handshake;
                },
                ticket.map(known -> known.memory().peerTransportParameters()),
                NetworkPath.to(remote),
                random,
                nowNanos());
    }

    @Override
    void onDatagram(ByteBuffer datagram, NetworkPath from) {
        receive(connection, datagram, from);
    }

    @Override
    long turn() throws IOException {
        return flush(connection);
    }

    Connection connection() {
        return connection;
    }

    /** Lets time pass until something is true. */
    void await(String what, BooleanSupplier condition) throws IOException {
        long end = nowNanos() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            find(ConnectionEvent.Closed.class).ifPresent(closed -> {
                throw new AssertionError("%s: connection closed: %s".formatted(what, closed.cause()));
            });
            if (nowNanos() > end) {
                throw new AssertionError(
                        "%s: not within %d s; events %s".formatted(what, DEADLINE.toSeconds(), events));
            }
            step();
        }
        turn();
    }

    <T extends ConnectionEvent> Optional<T> find(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    HandshakeSummary awaitConnected() throws IOException {
        await("handshake", () -> find(ConnectionEvent.Connected.class).isPresent());
        return find(ConnectionEvent.Connected.class).orElseThrow().summary();
    }

    ClientTicket awaitTicket() throws IOException {
        await("ticket", () -> find(ConnectionEvent.TicketReceived.class).isPresent());
        return find(ConnectionEvent.TicketReceived.class).orElseThrow().ticket();
    }

    void transfer(QuicTransferOut.Kind kind, long length) throws IOException {
        var transfer = new QuicTransferOut(kind, length);
        await("%s of %d bytes".formatted(kind, length), () -> transfer.advance(connection));
    }

    /** Sends datagrams, one after the other, and waits for each to come back. */
    void datagrams(int count) throws IOException {
        for (int number = 0; number < count; number++) {
            var datagram = ByteBuffer.allocate(8).putLong(number).flip();
            if (!connection.sendDatagram(datagram.duplicate())) {
                throw new AssertionError("datagrams: %d bytes at most".formatted(connection.maxDatagramSize()));
            }
            await(
                    "datagram " + number,
                    () -> connection.pollDatagram().filter(datagram::equals).isPresent());
        }
    }

    /** Tells the server that it is over, and waits until that is done. */
    void leave() throws IOException {
        connection.close(0, "done", nowNanos());
        turn();
        if (!events.contains(new ConnectionEvent.Closed(new CloseCause.Local(0)))) {
            throw new AssertionError("closed otherwise: " + events);
        }
    }
}
