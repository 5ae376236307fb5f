package io.teahouse.relay.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.internal.PlatformDependent;
import io.teahouse.core.EndpointId;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.acme.AcmeKeeper;
import io.teahouse.relay.server.admin.Admin;
import io.teahouse.relay.server.admin.AdminOperations;
import io.teahouse.relay.server.admin.RelayStatus;
import io.teahouse.relay.server.discovery.DiscoveryServer;
import io.teahouse.relay.server.forwarding.ForwardingLoop;
import io.teahouse.relay.server.forwarding.RelayService;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.http.HttpListener;
import io.teahouse.relay.server.http.OpenFiles;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.ProcessFigures;
import io.teahouse.relay.server.net.BindAddress;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.time.ThreadUrgency;
import io.teahouse.relay.server.tls.CertificateKeeper;
import io.teahouse.relay.server.tls.FileKeeper;
import io.teahouse.relay.server.tls.ServerTls;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * A running relay.
 *
 * <pre>{@code
 * try (var relay = RelayServer.builder().start()) {
 *     System.out.println("point your endpoints at " + relay.url());
 * }
 * }</pre>
 *
 * <p>This class puts the parts together, in the order in which they need each other, and takes them apart in reverse. Its
 * threads are daemons, so a program that has nothing else to do calls {@link #awaitClosed}. Safe for use by many threads.
 */
public final class RelayServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RelayServer.class.getName());

    /** How long clients have to take the word that the relay goes down: 3 s. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    /** What one client adds to the time in which all are sent away: at most 200 of them come back in a second. */
    public static final Duration DRAIN_PER_CLIENT = Duration.ofMillis(5);

    /** More loops than this gain nothing: what goes from loop to loop costs twice as much. */
    private static final int MAX_DEFAULT_LOOPS = 8;

    /** Loops that shake hands: enough for some ten thousand handshakes a second. */
    private static final int MAX_HANDSHAKE_LOOPS = 8;

    private final MonotonicClock clock = new MonotonicClock();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final LongAdder reloads = new LongAdder();
    private final LongAdder failedReloads = new LongAdder();
    private final Optional<CertificateKeeper> certificate;
    private final OpenFiles files;
    private final RelayService service;
    private final Optional<HttpListener> main;
    private final Optional<DiscoveryServer> discovery;
    private final Optional<HttpListener> captivePortal;
    private final Optional<HttpListener> metrics;
    private final Optional<Admin> admin;
    private final Optional<HttpListener> adminListener;
    private final Instant begun = Instant.now();
    private volatile boolean started;
    private volatile boolean draining;
    private volatile boolean closing;

    private RelayServer(RelayServerConfig config) throws IOException {
        try {
            var tls = config.certificate().map(_ -> keep(new ServerTls()));
            certificate = tls.isPresent()
                    ? Optional.of(keep(keeper(config.certificate().get(), tls.get())))
                    : Optional.empty();
            List<ForwardingLoop> forwardingLoops = config.relay() ? startForwardingLoops(config) : List.of();
            var handshakeGroup = startGroup(
                    "teahouse-handshake", Math.min(Runtime.getRuntime().availableProcessors(), MAX_HANDSHAKE_LOOPS));
            var handshakeLoops = handshakeLoops(handshakeGroup);
            var forwardingCounters =
                    forwardingLoops.stream().map(ServerLoop::counters).toList();
            handshakeGroup.forEach(executor -> HandshakeUrgency.watch(executor, forwardingCounters));
            files = OpenFiles.forConnections();
            var shared = new HttpListener.Shared(
                    handshakeGroup,
                    Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
                    handshakeLoops,
                    config.timeouts(),
                    config.acceptLimits(),
                    config.proxies(),
                    files,
                    config.reusePort(),
                    version(),
                    this::whyNotReady);
            service = new RelayService(
                    config.access(),
                    config.clientReceiveLimit(),
                    config.receiveLimit(),
                    config.isolateProjects(),
                    config.timeouts().writeStall(),
                    forwardingLoops);
            var discoveryCounters = new LoopCounters();
            var counters = Stream.concat(
                            Stream.of(discoveryCounters),
                            Stream.concat(handshakeLoops.values().stream(), forwardingLoops.stream())
                                    .map(ServerLoop::counters))
                    .toList();
            admin = config.admin()
                    .map(asked -> new Admin(asked, service, () -> status(forwardingLoops, handshakeLoops.size())));
            var figures = figures(counters, forwardingLoops, handshakeLoops.size(), tls);
            metrics = config.metricsBindAddress().isPresent()
                    ? Optional.of(keep(HttpListener.metrics(
                            shared,
                            counters,
                            () -> Stream.concat(figures.stream(), service.projectFigures().stream())
                                    .toList(),
                            config.metricsBindAddress().get())))
                    : Optional.empty();
            adminListener = admin.isPresent()
                    ? Optional.of(keep(HttpListener.admin(
                            shared, admin.get(), config.admin().get().bindAddress())))
                    : Optional.empty();
            captivePortal = config.relay() && config.tls().isPresent()
                    ? Optional.of(keep(HttpListener.captivePortal(
                            shared, config.httpBindAddress(), certificate.orElseThrow()::answerOverHttp)))
                    : Optional.empty();
            parts.push(() -> service.closeAll(CLOSE_TIMEOUT));
            var address =
                    config.tls().map(RelayServerConfig.Tls::httpsBindAddress).orElse(config.httpBindAddress());
            main = config.relay()
                    ? Optional.of(keep(HttpListener.main(
                            shared, address, config.tls().isPresent() ? tls.orElse(null) : null, service)))
                    : Optional.empty();
            discovery = config.addressDiscovery().isPresent()
                    ? Optional.of(keep(startDiscovery(
                            config.addressDiscovery().get(), config.reusePort(), tls.orElseThrow(), discoveryCounters)))
                    : Optional.empty();
            started = true;
            certificate.ifPresent(CertificateKeeper::begin);
        } catch (IOException | RuntimeException e) {
            closeParts();
            throw e;
        }
    }

    private static DiscoveryServer startDiscovery(
            RelayServerConfig.AddressDiscovery asked, boolean reusePort, ServerTls tls, LoopCounters counters)
            throws IOException {
        var address = BindAddress.usable(asked.bindAddress());
        var options = UdpTransport.Options.at(address);
        return DiscoveryServer.start(
                new UdpTransport.Options(address, reusePort, options.bufferBytes()),
                asked.limits(),
                tls::certificate,
                counters);
    }

    /**
     * {@return a builder of a relay for everyone on plain HTTP, on a free port of the loopback address}
     */
    public static RelayServerConfig.Builder builder() {
        return RelayServerConfig.builder();
    }

    /**
     * Starts a relay.
     *
     * @param config what it is to be
     * @return the relay, which serves until {@link #close}
     * @throws IOException when a certificate cannot be used or an address cannot be bound; nothing is left running
     */
    public static RelayServer start(RelayServerConfig config) throws IOException {
        return new RelayServer(config);
    }

    /**
     * Looks at what a start would read, and starts nothing.
     *
     * @param config what a relay is to be
     * @throws IOException when the certificate or the key cannot be used
     */
    public static void check(RelayServerConfig config) throws IOException {
        if (config.certificate().isPresent()) {
            try (var tls = new ServerTls();
                    var _ = keeper(config.certificate().get(), tls)) {
                // To have it made is the check.
            }
        }
    }

    /** What only some need is loaded only where it is. */
    private static CertificateKeeper keeper(CertificateSource source, ServerTls tls) throws IOException {
        return switch (source) {
            case CertificateSource.Files files -> FileKeeper.load(files, tls);
            case CertificateSource.Acme acme -> AcmeKeeper.load(acme, tls);
        };
    }

    /**
     * {@return the version of this program, or {@code dev} where it was not packaged}
     */
    public static String version() {
        return Optional.ofNullable(RelayServer.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }

    /**
     * {@return how many files this process may have open, where the system tells it; each connection is one}
     */
    public static OptionalLong openFileLimit() {
        return OpenFiles.limit();
    }

    /**
     * {@return where plain HTTP listens, with its real port: the whole relay, or beside TLS the answer to captive-portal
     * probes}
     *
     * @throws IllegalStateException for {@linkplain RelayServerConfig#relay address discovery alone}
     */
    public InetSocketAddress httpAddress() {
        return captivePortal.orElseGet(this::main).address();
    }

    private HttpListener main() {
        return main.orElseThrow(
                () -> new IllegalStateException("relay: there is address discovery alone (expected: a relay)"));
    }

    /**
     * {@return where the TLS listener is, with its real port, if there is one}
     */
    public Optional<InetSocketAddress> httpsAddress() {
        return captivePortal.map(_ -> main().address());
    }

    /**
     * {@return the UDP address of address discovery over QUIC, with its real port, if there is any}
     */
    public Optional<InetSocketAddress> quicAddress() {
        return discovery.map(DiscoveryServer::address);
    }

    /**
     * {@return where metrics are served, with the real port, if anywhere}
     */
    public Optional<InetSocketAddress> metricsAddress() {
        return metrics.map(HttpListener::address);
    }

    /**
     * {@return where operators are answered, with the real port, if anywhere}
     */
    public Optional<InetSocketAddress> adminAddress() {
        return adminListener.map(HttpListener::address);
    }

    /**
     * Sets what operators can have done over the admin listener besides what the relay can do by itself. Until then they are
     * answered that it starts.
     *
     * @param operations what can be done
     */
    public void setAdminOperations(AdminOperations operations) {
        admin.ifPresent(answering -> answering.setOperations(operations));
    }

    private RelayStatus status(List<ForwardingLoop> forwarding, int handshakeLoops) {
        var listeners = new ArrayList<RelayStatus.Listening>();
        if (started) {
            main.ifPresent(_ -> listeners.add(new RelayStatus.Listening("http", httpAddress())));
            quicAddress().ifPresent(address -> listeners.add(new RelayStatus.Listening("quic", address)));
            httpsAddress().ifPresent(address -> listeners.add(new RelayStatus.Listening("https", address)));
        }
        metricsAddress().ifPresent(address -> listeners.add(new RelayStatus.Listening("metrics", address)));
        adminAddress().ifPresent(address -> listeners.add(new RelayStatus.Listening("admin", address)));
        return new RelayStatus(
                version(),
                Duration.between(begun, Instant.now()),
                whyNotReady(),
                listeners,
                connectedEndpoints(),
                files.connections(),
                forwarding.size(),
                handshakeLoops);
    }

    /**
     * {@return a relay URL for endpoints on this machine; if the relay has TLS and its certificate names something else,
     * they will need that name}
     *
     * @throws IllegalStateException for {@linkplain RelayServerConfig#relay address discovery alone}
     */
    public String url() {
        var address = main().address();
        var ip = address.getAddress();
        String host;
        if (ip.isAnyLocalAddress()) {
            host = "127.0.0.1";
        } else if (ip instanceof Inet6Address) {
            host = "[" + ip.getHostAddress() + "]";
        } else {
            host = ip.getHostAddress();
        }
        return (captivePortal.isPresent() ? "https://" : "http://") + host + ":" + address.getPort();
    }

    /**
     * {@return how many endpoints are connected}
     */
    public int connectedEndpoints() {
        return service.registry().size();
    }

    /**
     * {@return how many connections are open, of all listeners, admitted or not}
     */
    public int openConnections() {
        return files.connections();
    }

    /**
     * Ends connections of one endpoint; returns before they are down.
     *
     * @param endpointId   whose
     * @param connectionId which of them, as access control was told; empty for all, active or not
     * @return whether there was one
     */
    public boolean disconnect(EndpointId endpointId, Optional<Long> connectionId) {
        return service.registry().disconnect(endpointId, connectionId);
    }

    /**
     * Changes what each client may send, for present and future connections.
     *
     * @param limit the new limit; empty for none
     */
    public void setClientReceiveLimit(Optional<RelayServerConfig.ReceiveLimit> limit) {
        service.setClientReceiveLimit(limit);
    }

    /**
     * Changes what all clients may send together.
     *
     * @param limit the new limit; empty for none
     */
    public void setReceiveLimit(Optional<RelayServerConfig.ReceiveLimit> limit) {
        service.setReceiveLimit(limit);
    }

    /**
     * Changes who may use the relay, and which projects there are. Connections that the new rules would not let stay ({@link AccessControl#mayStay}) are
     * closed at once.
     *
     * @param rules asked about each connection from now on
     */
    public void setAccess(AccessControl rules) {
        service.setAccess(rules);
    }

    /**
     * Takes leave of the clients before {@link #close}: accepts nobody any more, is not ready for the eyes of those who ask,
     * tells each client to come back after a time of its own, and closes it then. So they do not all come back, here or
     * elsewhere, at the same moment. Returns when all are gone.
     *
     * @param spread over what time clients are sent away, 0 or more; with few clients it takes less, {@link
     *               #DRAIN_PER_CLIENT} for each
     * @throws InterruptedException when the waiting thread is interrupted; clients go on being sent away
     */
    public void drain(Duration spread) throws InterruptedException {
        draining = true;
        if (discovery.isPresent()) {
            discovery.get().close();
        }
        if (main.isPresent()) {
            main.get().leave();
        }
        var enough = DRAIN_PER_CLIENT.multipliedBy(service.registry().size());
        var shorter = spread.compareTo(enough) < 0 ? spread : enough;
        service.drain(shorter, shorter.plus(CLOSE_TIMEOUT));
    }

    /**
     * {@return why clients should not be sent here, if they should not}
     */
    public Optional<String> whyNotReady() {
        if (closing || draining) {
            return Optional.of("draining");
        }
        return started ? certificate.flatMap(CertificateKeeper::whyNone) : Optional.of("starting");
    }

    /**
     * Reads the TLS certificate and its key again, at once and whether or not the files are watched, and shows them to the
     * clients that connect from now on, if they are others than before and all is well with them. Connections that are open
     * stay as they are. That another pair is in force is logged; that it is not is the caller's to say. Blocks while files
     * are read.
     *
     * <p>Where a certification authority is asked for certificates it is asked now whether this one should be replaced, and for
     * another one if the one that was kept has been deleted. That takes longer than this waits.
     *
     * @return whether another pair is in force now; false if the files hold the one that was, and for a relay without TLS
     * @throws IOException when the files cannot be used, so that the pair that was in force still is; the message says what
     *                     is wrong and where
     */
    public boolean reloadCertificate() throws IOException {
        return certificate.isPresent() && certificate.get().reload();
    }

    /**
     * Takes note, for the metrics, that the configuration was read again while the relay runs. What came of it is the caller's
     * to apply.
     *
     * @param applied whether it could be used
     */
    public void countReload(boolean applied) {
        (applied ? reloads : failedReloads).increment();
    }

    /**
     * Waits until the relay has been closed.
     *
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public void awaitClosed() throws InterruptedException {
        closed.await();
    }

    /**
     * Stops accepting, tells every client, closes all connections, and returns when all is done, which takes some seconds
     * at most. May be called twice.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
        }
        closeParts();
        closed.countDown();
    }

    /** Makes what belongs to the loops on which connections begin, and on which those stay that never become clients. */
    private Map<EventExecutor, ServerLoop> handshakeLoops(EventLoopGroup group) {
        Map<EventExecutor, ServerLoop> loops = new HashMap<>();
        for (var executor : group) {
            loops.put(executor, new ServerLoop((EventLoop) executor, clock));
        }
        return Map.copyOf(loops);
    }

    /** Starts the loops to which clients are moved once they are admitted. */
    private List<ForwardingLoop> startForwardingLoops(RelayServerConfig config) {
        int count = config.eventLoops() > 0 ? config.eventLoops() : defaultLoops();
        long queueMemory =
                config.queueMemoryBytes() > 0 ? config.queueMemoryBytes() : PlatformDependent.maxDirectMemory() / 4;
        List<ForwardingLoop> loops = new ArrayList<>();
        for (var executor : startGroup("teahouse-relay", count)) {
            // Not at once: a start need not wait for it.
            executor.schedule(ThreadUrgency::goFirst, 1, TimeUnit.SECONDS);
            loops.add(new ForwardingLoop(
                    (EventLoop) executor,
                    loops.size(),
                    count,
                    clock,
                    Math.max(1, queueMemory / count),
                    config.keyCacheCapacity()));
        }
        LOG.log(
                System.Logger.Level.DEBUG,
                "relay: {0} event loops for clients on {1}, buffers by {2}",
                count,
                Epoll.isAvailable() ? "epoll" : "NIO",
                ByteBufAllocator.DEFAULT);
        return List.copyOf(loops);
    }

    private List<Figure> figures(
            List<LoopCounters> counters, List<ForwardingLoop> forwarding, int handshakeLoops, Optional<ServerTls> tls) {
        var figures = new ArrayList<>(RelayFigures.ofClients(this::connectedEndpoints, counters));
        figures.addAll(RelayFigures.ofConnections(files, () -> whyNotReady().isEmpty()));
        figures.addAll(RelayFigures.ofLoops(forwarding, handshakeLoops));
        figures.addAll(RelayFigures.ofDiscovery(counters));
        certificate.ifPresent(keeper -> figures.addAll(keeper.figures()));
        tls.ifPresent(shown -> figures.addAll(shown.figures()));
        figures.addAll(RelayFigures.ofReloads(reloads::sum, failedReloads::sum));
        figures.addAll(RelayFigures.ofAdmin(admin));
        figures.addAll(ProcessFigures.all());
        figures.addAll(RelayFigures.ofProgram(version(), Instant.now()));
        return List.copyOf(figures);
    }

    private EventLoopGroup startGroup(String name, int count) {
        IoHandlerFactory factory = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        var group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name, true), factory);
        parts.push(() -> shutDown(group));
        return group;
    }

    /**
     * Ends the loops, which close what is open.
     *
     * <p>A loop may hear of it between its look whether to close everything and its look whether to leave, and would leave
     * with connections open. Something left to do, and a time to be quiet in, make it go round once more.
     */
    private static void shutDown(EventLoopGroup group) {
        for (var loop : group) {
            ((SingleThreadEventExecutor) loop).addShutdownHook(() -> {});
            // What it was told before comes first: clients that are told the end.
            loop.submit(() -> {}).awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
        }
        group.shutdownGracefully(1, CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)
                .syncUninterruptibly();
    }

    private static int defaultLoops() {
        int processors = Runtime.getRuntime().availableProcessors();
        return processors <= 2 ? 1 : Math.min(processors / 2, MAX_DEFAULT_LOOPS);
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    private void closeParts() {
        for (AutoCloseable part; (part = parts.poll()) != null; ) {
            try {
                part.close();
            } catch (InterruptedException e) {
                // Whoever waits for the end wants it now: the rest is closed without waiting for clients.
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "relay: a part did not close", e);
            }
        }
    }
}
