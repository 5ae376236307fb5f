package io.teahouse.relay.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Dials relays, for one endpoint id. All connections share a few event loops, which end with {@link #close}.
 *
 * <p>Safe for use by many threads.
 */
public final class RelayClient implements AutoCloseable {
    /** The most event loops that are started without being asked for. */
    private static final int MAX_LOOPS = 4;

    private final DialSettings settings;
    /** Whether the event loops are another client's. */
    private final boolean guest;

    private final Set<RelayConnection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private RelayClient(DialSettings settings) {
        this.settings = settings;
        this.guest = true;
    }

    private RelayClient(Builder builder) {
        guest = false;
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                builder.threads,
                new DefaultThreadFactory("relay-client", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        var random = new SecureRandom();
        long start = System.nanoTime();
        settings = new DialSettings(
                loops,
                epoll ? EpollSocketChannel.class : NioSocketChannel.class,
                builder.key,
                builder.tokens,
                builder.proxies,
                new DialSettings.Tls(builder.roots),
                new Lookups(builder.resolver),
                builder.preferred,
                builder.timeout,
                builder.highest,
                () -> System.nanoTime() - start,
                builder.wallClock,
                random::nextBytes);
    }

    /**
     * {@return a client with everything as it usually is}
     *
     * @param key of the endpoint; is proved to relays
     */
    public static RelayClient of(SecretKey key) {
        return builder(key).build();
    }

    /**
     * {@return a builder: roots of the JDK, no token, no proxy, 10 s for an attempt}
     *
     * @param key of the endpoint; is proved to relays
     */
    public static Builder builder(SecretKey key) {
        return new Builder(key);
    }

    /**
     * Connects to a relay, and waits until it has let us in or not. Events are taken from the connection.
     *
     * @param relay its URL: {@code https://relay.example} or {@code http://127.0.0.1:3340}
     * @return the connection
     * @throws FormatException       if that is no URL
     * @throws RelayConnectException when the relay cannot be reached, or does not let us in
     * @throws InterruptedException  when the thread is interrupted; the attempt is given up
     */
    public RelayConnection connect(String relay) throws FormatException, RelayConnectException, InterruptedException {
        return connect(RelayUrl.parse(relay));
    }

    /**
     * Connects to a relay, and waits until it has let us in or not. Events are taken from the connection.
     *
     * @param relay which
     * @return the connection
     * @throws RelayConnectException when the relay cannot be reached, or does not let us in
     * @throws InterruptedException  when the thread is interrupted; the attempt is given up
     */
    public RelayConnection connect(RelayUrl relay) throws RelayConnectException, InterruptedException {
        var inbox = new RelayInbox();
        return connect(relay, Optional.of(inbox), inbox::put);
    }

    /**
     * Connects to a relay, and waits until it has let us in or not. Events go to an inbox that many connections can share.
     *
     * @param relay which
     * @param inbox where the events go
     * @return the connection
     * @throws RelayConnectException when the relay cannot be reached, or does not let us in
     * @throws InterruptedException  when the thread is interrupted; the attempt is given up
     */
    public RelayConnection connect(RelayUrl relay, RelayInbox inbox)
            throws RelayConnectException, InterruptedException {
        return connect(relay, Optional.empty(), inbox::put);
    }

    private RelayConnection connect(RelayUrl relay, Optional<RelayInbox> own, ConnectionHandler.Sink sink)
            throws RelayConnectException, InterruptedException {
        var result = new CompletableFuture<RelayConnection>();
        var dial = dial(relay, own, sink, new Dial.Ending() {
            @Override
            public void connected(RelayConnection connection) {
                result.complete(connection);
            }

            @Override
            public void failed(RelayConnectException failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.get();
        } catch (InterruptedException e) {
            dial.cancel();
            result.whenComplete((connection, _) -> {
                if (connection != null) {
                    connection.beginClose();
                }
            });
            throw e;
        } catch (ExecutionException e) {
            // As a new exception, it tells where the caller was.
            if (e.getCause() instanceof RelayConnectException failure) {
                throw failure.again();
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Begins an attempt, which has a limit and ends on its event loop. */
    Dial dial(RelayUrl relay, Optional<RelayInbox> own, ConnectionHandler.Sink sink, Dial.Ending ending)
            throws RelayConnectException {
        if (closed) {
            throw new RelayConnectException(
                    label(relay), RelayConnectException.Stage.SETTINGS, "the client has been closed");
        }
        var dial = new Dial(settings, relay, own, this.forgetting(sink), new Dial.Ending() {
            @Override
            public void connected(RelayConnection connection) {
                open.add(connection);
                ending.connected(connection);
                if (closed) {
                    connection.beginClose();
                }
            }

            @Override
            public void failed(RelayConnectException failure) {
                ending.failed(failure);
            }
        });
        dial.start();
        return dial;
    }

    private ConnectionHandler.Sink forgetting(ConnectionHandler.Sink sink) {
        return (connection, event) -> {
            if (event instanceof RelayEvent.Ended) {
                open.remove(connection);
            }
            return sink.accept(connection, event);
        };
    }

    DialSettings settings() {
        return settings;
    }

    /** {@return a relay as messages name it: without its query and user, which may be secrets} */
    static String label(RelayUrl relay) {
        return (relay.isTls() ? "https://" : "http://") + relay.authority();
    }

    /**
     * {@return a client for another endpoint, otherwise as this one; it uses the event loops of this one and is to be closed
     * before it: so thousands of endpoints in one process share a few threads}
     *
     * @param key    of that endpoint
     * @param tokens shown to relays
     */
    public RelayClient forEndpoint(SecretKey key, AccessTokens tokens) {
        return new RelayClient(settings.forEndpoint(key, tokens));
    }

    /** Closes all connections in good order, 3 s at most, and ends the event loops if they are its own. Attempts fail. */
    @Override
    public void close() {
        closed = true;
        var closing = Set.copyOf(open);
        closing.forEach(RelayConnection::beginClose);
        closing.forEach(RelayConnection::close);
        if (guest) {
            return;
        }
        settings.lookups().close();
        settings.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Collects what is to be different from usual. Not thread-safe. */
    public static final class Builder {
        private final SecretKey key;
        private AccessTokens tokens = AccessTokens.NONE;
        private ProxyRules proxies = ProxyRules.NONE;
        private Supplier<TrustedRoots> roots = TrustedRoots::builtIn;
        private HostResolver resolver = HostResolver.SYSTEM;
        private Supplier<AddressFamily> preferred = () -> AddressFamily.IPV6;
        private Duration timeout = Duration.ofSeconds(10);
        private ProtocolVersion highest = ProtocolVersion.V2;
        private InstantSource wallClock = InstantSource.system();
        private int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_LOOPS);

        private Builder(SecretKey key) {
            this.key = key;
        }

        /**
         * Shows access tokens to relays.
         *
         * @param source gives them
         * @return this
         */
        public Builder tokens(AccessTokens source) {
            tokens = source;
            return this;
        }

        /**
         * Goes through proxies; {@link ProxyRules#ofEnvironment} has what the environment says.
         *
         * @param rules which for which relay
         * @return this
         */
        public Builder proxies(ProxyRules rules) {
            proxies = rules;
            return this;
        }

        /**
         * Believes others than the JDK's authorities.
         *
         * @param trusted whom
         * @return this
         */
        public Builder roots(TrustedRoots trusted) {
            roots = () -> trusted;
            return this;
        }

        /**
         * Looks hosts up elsewhere than in the operating system.
         *
         * @param lookup finds addresses
         * @return this
         */
        public Builder resolver(HostResolver lookup) {
            resolver = lookup;
            return this;
        }

        /**
         * Says which address family is tried first; asked for each attempt. IPv6 unless this is called.
         *
         * @param family the one that is known to work, say
         * @return this
         */
        public Builder preferredFamily(Supplier<AddressFamily> family) {
            preferred = family;
            return this;
        }

        /**
         * Limits an attempt to connect, from the look-up to the relay's yes.
         *
         * @param limit 1 ms to 10 minutes
         * @return this
         */
        public Builder connectTimeout(Duration limit) {
            if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(Duration.ofMinutes(10)) > 0) {
                throw new IllegalArgumentException("connectTimeout: %s (expected: 1 ms to 10 min)".formatted(limit));
            }
            timeout = limit;
            return this;
        }

        /**
         * Offers no version above this one.
         *
         * @param version the best one
         * @return this
         */
        public Builder highestVersion(ProtocolVersion version) {
            highest = version;
            return this;
        }

        /**
         * Sets how many event loops carry the connections: by default half as many as there are processors, 1 to 4.
         *
         * @param count 1 or more
         * @return this
         */
        public Builder eventLoops(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("eventLoops: %d (expected: 1 or more)".formatted(count));
            }
            threads = count;
            return this;
        }

        /** Reads the time of day elsewhere: for tests. */
        Builder wallClock(InstantSource clock) {
            wallClock = clock;
            return this;
        }

        /**
         * {@return the client, whose event loops run}
         */
        public RelayClient build() {
            return new RelayClient(this);
        }
    }
}
