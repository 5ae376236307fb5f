package io.teahouse.quic.io;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.ClientTickets;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * QUIC on a transport: dials servers, and accepts clients, both on the same socket.
 *
 * <p>One platform thread does all that happens on the transport; connections live on it. Whoever dials, accepts, reads and
 * writes waits for it, and is a virtual thread best. Thread-safe. Bounded: connections of clients as {@link Builder#limits}
 * says, of which {@value #MAX_WAITING} wait to be accepted; sessions as {@link ClientTickets} says.
 */
public final class QuicDriver implements AutoCloseable {
    /** Connections of clients that nobody has accepted yet; more are closed. */
    private static final int MAX_WAITING = 1024;

    private static final int DEFAULT_MAX_CONNECTIONS = 10_000;
    /** From so many unfinished handshakes on, addresses have to be proved: attackers rarely have them. */
    private static final int DEFAULT_RETRY_FROM = 256;

    private final DriverClock clock;
    private final DriverLoop loop;
    private final Thread thread;
    private final ConnectionConfig connections;
    private final ConnectionIdSource idSource;
    private final SecureRandom random;
    private final BiConsumer<QuicConnection, ConnectionEvent> listener;
    private final Mailbox<QuicConnection> accepted = new Mailbox<>(MAX_WAITING, () -> {});
    private final ClientTickets<String> tickets = new ClientTickets<>();

    private QuicDriver(Builder builder) {
        this.clock = new DriverClock();
        this.random = new SecureRandom();
        this.connections = builder.connections.apply(clock.timeZero());
        this.listener = builder.listener;
        this.idSource = new ConnectionIdSource(random, secret(ConnectionIdSource.KEY_LENGTH));
        Function<Opaque, Handshake> tls = parameters ->
                new ServerHandshake(builder.server.orElseThrow(), parameters, random); // nobody comes in without one
        var config = new EndpointConfig(
                connections,
                tls,
                new AddressTokens(secret(AddressTokens.KEY_LENGTH)),
                builder.server.isPresent() ? builder.maxConnections : 0,
                builder.retryFrom,
                builder.server.isPresent() ? builder.admission : _ -> false);
        var endpoint = new QuicEndpoint(config, idSource, random);
        this.loop = new DriverLoop(builder.transport, endpoint, clock, this::onAccepted);
        this.thread = Thread.ofPlatform().name(builder.name).daemon().unstarted(loop);
    }

    private byte[] secret(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * {@return what a driver is made with}
     *
     * @param transport which the driver closes in the end
     */
    public static Builder on(PacketTransport transport) {
        return new Builder(transport);
    }

    /** What a driver is like. */
    public static final class Builder {
        private final PacketTransport transport;
        private Function<Instant, ConnectionConfig> connections = ConnectionConfig::defaults;
        private Optional<ServerConfig> server = Optional.empty();
        private int maxConnections = DEFAULT_MAX_CONNECTIONS;
        private int retryFrom = DEFAULT_RETRY_FROM;
        private Predicate<NetworkPath> admission = _ -> true;
        private BiConsumer<QuicConnection, ConnectionEvent> listener = (_, _) -> {};
        private String name = "quic";

        private Builder(PacketTransport transport) {
            this.transport = transport;
        }

        /**
         * Says what connections are like; otherwise as iroh's.
         *
         * @param config makes it of the wall clock at 0 on the driver's clock
         * @return this
         */
        public Builder connections(Function<Instant, ConnectionConfig> config) {
            this.connections = config;
            return this;
        }

        /**
         * Accepts clients; otherwise there are none.
         *
         * @param tls who we are
         * @return this
         */
        public Builder server(ServerConfig tls) {
            this.server = Optional.of(tls);
            return this;
        }

        /**
         * Limits the clients.
         *
         * @param most  how many connections there may be
         * @param retry when so many handshakes are going on, new clients have to prove their address first: 0 for always
         * @return this
         */
        public Builder limits(int most, int retry) {
            this.maxConnections = most;
            this.retryFrom = retry;
            return this;
        }

        /**
         * Says who is let in; otherwise everybody.
         *
         * @param admits is asked on the loop's thread, so it has to be quick
         * @return this
         */
        public Builder admission(Predicate<NetworkPath> admits) {
            this.admission = admits;
            return this;
        }

        /**
         * Tells of what happens on connections.
         *
         * @param hears is told on the loop's thread, so it has to be quick
         * @return this
         */
        public Builder onEvent(BiConsumer<QuicConnection, ConnectionEvent> hears) {
            this.listener = hears;
            return this;
        }

        /**
         * Names the thread.
         *
         * @param threadName for people
         * @return this
         */
        public Builder named(String threadName) {
            this.name = threadName;
            return this;
        }

        /**
         * {@return a driver, which runs}
         */
        public QuicDriver start() {
            var driver = new QuicDriver(this);
            driver.thread.start();
            return driver;
        }
    }

    /**
     * {@return a connection to a server, whose handshake is complete}
     *
     * @param dial to whom
     * @throws java.net.SocketTimeoutException if nobody answers in time
     * @throws ConnectionClosedException       if the handshake fails
     * @throws IOException                     if the driver is closed
     * @throws InterruptedException            if the thread is interrupted; then there is no connection
     */
    public QuicConnection dial(Dial dial) throws IOException, InterruptedException {
        var connection = dialEarly(dial);
        try {
            connection.awaitConnected(dial.patience());
            return connection;
        } catch (IOException | InterruptedException e) {
            connection.close(0, "gave up");
            throw e;
        }
    }

    /**
     * {@return a connection to a server, whose handshake has begun}
     *
     * <p>If there was a ticket that allows it, what is written goes out at once. Somebody who has recorded it can send it to
     * the server once more, and nobody knows yet whether the server is still who it was.
     *
     * @param dial to whom; its patience does not matter
     * @throws IOException          if the driver is closed
     * @throws InterruptedException if the thread is interrupted
     */
    public QuicConnection dialEarly(Dial dial) throws IOException, InterruptedException {
        var ticket = dial.tickets().flatMap(server -> tickets.take(server, clock.now()));
        var answer = new CompletableFuture<QuicConnection>();
        loop.execute(() -> {
            if (loop.hasEnded()) {
                answer.completeExceptionally(new ConnectionClosedException(new CloseCause.Local(0)));
                return;
            }
            try {
                answer.complete(begin(dial, ticket).handle());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException("cannot dial: the driver is closed", e.getCause());
        } catch (InterruptedException e) {
            answer.thenAccept(connection -> connection.close(0, "gave up"));
            throw e;
        }
    }

    /** On the loop. */
    private ConnectionTask begin(Dial dial, Optional<ClientTicket> ticket) {
        Function<Opaque, Handshake> tls = parameters -> {
            var handshake = new ClientHandshake(dial.tls(), parameters, random);
            handshake.start(ticket, clock.now());
            return handshake;
        };
        var connection = Connection.client(
                connections,
                idSource,
                tls,
                ticket.map(known -> known.memory().peerTransportParameters()),
                dial.path(),
                random,
                clock.nanos());
        return loop.dial(connection, (handle, event) -> {
            if (event instanceof ConnectionEvent.TicketReceived(var received)) {
                dial.tickets().ifPresent(server -> tickets.put(server, received));
            }
            listener.accept(handle, event);
        });
    }

    /** Has the machine forget all connections without a word, as a crash would. */
    void forgetAll() {
        loop.execute(loop::forgetAll);
    }

    private void onAccepted(QuicConnection connection, ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Connected) {
            if (accepted.hasRoom()) {
                accepted.put(connection);
            } else {
                connection.close(0, "nobody accepts connections");
            }
        }
        listener.accept(connection, event);
    }

    /**
     * {@return the next connection of a client's, whose handshake is complete}
     *
     * @throws IOException          if the driver is closed
     * @throws InterruptedException if the thread is interrupted
     */
    public QuicConnection accept() throws IOException, InterruptedException {
        return accepted.take();
    }

    /**
     * {@return the next connection of a client's, if it comes in time}
     *
     * @param patience how long to wait
     * @throws IOException          if the driver is closed
     * @throws InterruptedException if the thread is interrupted
     */
    public Optional<QuicConnection> accept(Duration patience) throws IOException, InterruptedException {
        return accepted.take(patience);
    }

    /** Ends all connections with code 0, tells their peers once, and closes the transport. */
    @Override
    public void close() {
        accepted.end(() -> new IOException("the driver is closed"));
        loop.close();
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // it takes no more than one turn
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
