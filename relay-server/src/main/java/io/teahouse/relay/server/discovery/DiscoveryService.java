package io.teahouse.relay.server.discovery;

import static io.teahouse.relay.server.metrics.RelayCounter.QAD_ADDRESS_CHANGES;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_CONNECTIONS;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_CONNECTIONS_CLOSED;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_CONNECTIONS_ERRORED;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_INCOMING;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_INCOMING_ERROR;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_REFUSED_CLOSING;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_REFUSED_NO_CERTIFICATE;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_REFUSED_TOO_MANY;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_REFUSED_TOO_MANY_OF_ADDRESS;
import static io.teahouse.relay.server.metrics.RelayCounter.QAD_RETRIES;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.ConnectionTrace;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.net.BindAddress;
import io.teahouse.relay.server.net.SourceAddress;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.message.Opaque;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What is done with the datagrams of address discovery (iroh QUIC spec, section 3.2): whoever shakes hands is told at which
 * address it is seen, and again when that changes. It can open no stream and send no datagram, and says itself when it is
 * done. No sockets and no clock: datagrams and time go in, datagrams come out.
 *
 * <p>Not thread-safe. Bounded: {@link DiscoveryLimits#connections} connections, and an entry for each of their addresses.
 */
final class DiscoveryService {
    private static final System.Logger LOG = System.getLogger(DiscoveryService.class.getName());

    /** What both sides end a connection with that has done its work, and what they say. */
    static final long FINISHED = 1;

    private static final String FINISHED_REASON = "finished";

    /** Clients say that they are there every 25 s. */
    private static final Duration IDLE = Duration.ofSeconds(30);

    /** Who needs longer for a handshake is given up. */
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private static final Duration INITIAL_RTT = Duration.ofMillis(333);

    /** None at all. */
    private static final StreamLimits NO_STREAMS = new StreamLimits(0, 0, 0, 0, 0, 0);

    private final DiscoveryLimits limits;
    private final CertificateShown certificate;
    private final LoopCounters counters;
    private final SecureRandom random;
    private final Consumer<OutgoingDatagram> out;
    private final QuicEndpoint endpoint;
    private final IdentityHashMap<Connection, DiscoveryClient> clients = new IdentityHashMap<>();
    private final TreeSet<DiscoveryClient> byDeadline = new TreeSet<>(DiscoveryClient.BY_DEADLINE);
    private final Map<SourceAddress, Integer> admittedOf = new HashMap<>();
    private long numbers;
    private boolean isClosing;

    /**
     * Creates one without connections.
     *
     * @param limits      how much it takes on
     * @param certificate what it shows
     * @param counters    what it counts with
     * @param random      everything rests on nobody else knowing what it gives
     * @param timeZero    the wall clock at 0 on the clock of nanoseconds
     * @param out         takes what is to be sent, at once
     */
    DiscoveryService(
            DiscoveryLimits limits,
            CertificateShown certificate,
            LoopCounters counters,
            SecureRandom random,
            Instant timeZero,
            Consumer<OutgoingDatagram> out) {
        this.limits = limits;
        this.certificate = certificate;
        this.counters = counters;
        this.random = random;
        this.out = out;
        var connections = new ConnectionConfig(
                IDLE,
                Duration.ZERO,
                NO_STREAMS,
                0,
                Optional.of(AddressDiscovery.SEND),
                true,
                INITIAL_RTT,
                HANDSHAKE,
                Optional.empty(),
                timeZero,
                ConnectionTrace.Source.NONE);
        this.endpoint = new QuicEndpoint(
                new EndpointConfig(
                        connections,
                        this::beginHandshake,
                        new AddressTokens(randomBytes(AddressTokens.KEY_LENGTH)),
                        limits.connections(),
                        limits.retryFrom(),
                        this::admits),
                new ConnectionIdSource(random, randomBytes(ConnectionIdSource.KEY_LENGTH)),
                random);
    }

    private byte[] randomBytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Handshake beginHandshake(Opaque parameters) {
        return new ServerHandshake(certificate.config().orElseThrow(), parameters, random);
    }

    /** Whether a client may begin; anybody can write down somebody else's address, so nothing is remembered of it. */
    private boolean admits(NetworkPath from) {
        if (isClosing) {
            counters.increment(QAD_REFUSED_CLOSING);
        } else if (certificate.config().isEmpty()) {
            counters.increment(QAD_REFUSED_NO_CERTIFICATE);
        } else if (admittedOf.getOrDefault(SourceAddress.of(((InetSocketAddress) from.remote()).getAddress()), 0)
                >= limits.connectionsPerAddress()) {
            counters.increment(QAD_REFUSED_TOO_MANY_OF_ADDRESS);
        } else {
            return true;
        }
        return false;
    }

    /**
     * Takes a datagram in.
     *
     * @param datagram backed by an array, which is changed
     * @param from     between which addresses it came; the remote one is an {@link InetSocketAddress}
     * @param mark     how it was marked
     * @param nowNanos now
     */
    void receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        switch (endpoint.receive(datagram, from, mark, nowNanos)) {
            case QuicEndpoint.Received.For(var connection, boolean isNew) -> {
                if (isNew) {
                    counters.increment(QAD_INCOMING);
                    clients.put(connection, new DiscoveryClient(connection, numbers++));
                }
                goOn(client(connection), nowNanos);
            }
            case QuicEndpoint.Received.Answer(var answer, var kind) -> {
                if (kind == QuicEndpoint.Received.Kind.RETRY) {
                    counters.increment(QAD_RETRIES);
                }
                out.accept(new OutgoingDatagram(answer, from, 0, Ecn.NOT_ECT));
            }
            case QuicEndpoint.Received.Refused(boolean isFull) -> {
                if (isFull) {
                    counters.increment(QAD_REFUSED_TOO_MANY);
                }
            }
            case QuicEndpoint.Received.Dropped _ -> {}
        }
    }

    private DiscoveryClient client(Connection connection) {
        return Optional.ofNullable(clients.get(connection)).orElseThrow();
    }

    /** Does what has to be done after anything was done with a connection. */
    private void goOn(DiscoveryClient client, long nowNanos) {
        var connection = client.connection;
        for (var next = connection.pollOutgoing(nowNanos); next.isPresent(); next = connection.pollOutgoing(nowNanos)) {
            out.accept(next.get());
        }
        for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
            switch (event.get()) {
                case ConnectionEvent.Connected _ -> onConnected(client);
                case ConnectionEvent.Closed(var cause) -> onClosed(client, cause);
                default -> {}
            }
        }
        followAddress(client);
        endpoint.refresh(connection);
        byDeadline.remove(client);
        if (connection.isOver()) {
            clients.remove(connection);
        } else {
            client.deadlineNanos = connection.nextTimeoutNanos(nowNanos);
            byDeadline.add(client);
        }
    }

    private void onConnected(DiscoveryClient client) {
        counters.increment(QAD_CONNECTIONS);
        client.isConnected = true;
        var source = SourceAddress.of(client.lastAddress.getAddress());
        client.source = Optional.of(source);
        admittedOf.merge(source, 1, Integer::sum);
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "quic: %s has been told its address".formatted(BindAddress.text(client.lastAddress)));
    }

    private void onClosed(DiscoveryClient client, CloseCause cause) {
        if (client.isConnected) {
            counters.increment(QAD_CONNECTIONS_CLOSED);
            if (!isInOrder(cause)) {
                counters.increment(QAD_CONNECTIONS_ERRORED);
            }
        } else {
            counters.increment(QAD_INCOMING_ERROR);
        }
        client.source.ifPresent(this::release);
        client.source = Optional.empty();
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "quic: %s is gone: %s".formatted(BindAddress.text(client.lastAddress), cause));
    }

    private static boolean isInOrder(CloseCause cause) {
        return cause instanceof CloseCause.Local
                || (cause instanceof CloseCause.PeerApplication(long code, var _) && code == FINISHED);
    }

    private void release(SourceAddress source) {
        admittedOf.computeIfPresent(source, (_, count) -> count == 1 ? null : count - 1);
    }

    /** Counts a client for the address that it has moved to. */
    private void followAddress(DiscoveryClient client) {
        var now = client.address();
        if (client.lastAddress.equals(now)) {
            return;
        }
        client.lastAddress = now;
        counters.increment(QAD_ADDRESS_CHANGES);
        client.source.ifPresent(before -> {
            var source = SourceAddress.of(now.getAddress());
            release(before);
            admittedOf.merge(source, 1, Integer::sum);
            client.source = Optional.of(source);
        });
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "quic: a client has moved to %s and is told so".formatted(BindAddress.text(now)));
    }

    /**
     * {@return when {@link #handleDeadlines} has to be called, or {@link Connection#NEVER}}
     */
    long nextDeadlineNanos() {
        return byDeadline.isEmpty() ? Connection.NEVER : byDeadline.first().deadlineNanos;
    }

    /**
     * Does what has to be done by now.
     *
     * @param nowNanos now
     */
    void handleDeadlines(long nowNanos) {
        // At most once for each, in case one always has something to do at once.
        for (int left = byDeadline.size(); left > 0 && nextDeadlineNanos() <= nowNanos; left--) {
            var client = byDeadline.first();
            try {
                client.connection.handleTimeout(nowNanos);
                goOn(client, nowNanos);
            } catch (RuntimeException e) {
                // Whatever it is, it must not stop the others; by then the connection has gone idle.
                LOG.log(System.Logger.Level.WARNING, "quic: a connection is left to itself", e);
                byDeadline.remove(client);
                client.deadlineNanos = nowNanos + IDLE.toNanos();
                byDeadline.add(client);
            }
        }
    }

    /**
     * Says goodbye to all clients, and takes no others.
     *
     * @param nowNanos now
     */
    void close(long nowNanos) {
        isClosing = true;
        for (var client : new ArrayList<>(clients.values())) {
            client.connection.close(FINISHED, FINISHED_REASON, nowNanos);
            goOn(client, nowNanos);
        }
    }
}
