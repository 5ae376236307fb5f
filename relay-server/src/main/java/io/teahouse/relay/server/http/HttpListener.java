package io.teahouse.relay.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.EventExecutor;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.admin.Admin;
import io.teahouse.relay.server.forwarding.RelayService;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.net.BindAddress;
import io.teahouse.relay.server.proxy.Proxies;
import io.teahouse.relay.server.tls.ServerTls;
import io.teahouse.relay.server.tls.TlsSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bound address and what is served there. Made by the server's composition root; every connection that it accepts gets an
 * {@link HttpConnection}. Safe for use by many threads.
 */
public final class HttpListener implements AutoCloseable {
    /** Connections that the kernel has accepted and we have not. */
    private static final int ACCEPT_BACKLOG = 4096;

    /**
     * A receiver is written to while less than the high mark is on its way to its socket, in bytes. With one batch more this
     * is what cannot be dropped any more (iroh relay server spec, section 11.18).
     */
    private static final WriteBufferWaterMark ON_ITS_WAY = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    /** What the listeners beside the main one take, which have little to give. */
    private static final AcceptLimits SMALL = new AcceptLimits(0, 1, 1024, Integer.MAX_VALUE);

    /** What the listener for operators takes. */
    private static final AcceptLimits FEW = new AcceptLimits(0, 1, 64, Integer.MAX_VALUE);

    /** How long connections may take that the kernel is making already: a round trip, and its repetition. */
    private static final Duration UNDER_WAY = Duration.ofMillis(500);

    private final Channel channel;
    private final boolean shared;

    private HttpListener(Channel channel, boolean shared) {
        this.channel = channel;
        this.shared = shared;
    }

    /**
     * What the listeners of one server share.
     *
     * @param group    the event loops
     * @param channels the kind of server channel that belongs to them
     * @param loops    what belongs to each event loop
     * @param timeouts how long clients may take
     * @param mainLimits how many connections the main listener takes
     * @param proxies what stands between clients and the listeners for them
     * @param files what there is for connections
     * @param reusePort whether other processes may listen at the same addresses
     * @param version of this program, for those who ask
     * @param whyNotReady why clients should go elsewhere, if they should
     */
    public record Shared(
            EventLoopGroup group,
            Class<? extends ServerChannel> channels,
            Map<EventExecutor, ServerLoop> loops,
            Timeouts timeouts,
            AcceptLimits mainLimits,
            Proxies proxies,
            OpenFiles files,
            boolean reusePort,
            String version,
            Supplier<Optional<String>> whyNotReady) {

        ServerLoop of(Channel channel) {
            var loop = loops.get(channel.eventLoop());
            assert loop != null;
            return loop;
        }

        HealthPages health() {
            return new HealthPages(version, whyNotReady);
        }
    }

    /**
     * Opens the main listener: the relay itself, and the few pages beside it.
     *
     * @param shared  what the listeners have in common
     * @param address where; port 0 takes a free one
     * @param tls     TLS, or null for plain HTTP
     * @param service the relay
     * @return the listener, which accepts
     * @throws IOException when the address cannot be had
     */
    public static HttpListener main(
            Shared shared, InetSocketAddress address, @Nullable ServerTls tls, RelayService service)
            throws IOException {
        var limits = shared.mainLimits();
        return bind(
                shared,
                address,
                tls,
                new MainRoutes(shared.proxies().urlPrefix(), tls == null, shared.health()),
                service,
                new Clients(shared.proxies(), limits.connectionsPerAddress()),
                limits,
                true);
    }

    /**
     * Opens the small listener beside TLS, which only answers the probes for captive portals, and certification authorities.
     *
     * @param shared     what the listeners have in common
     * @param address    where; port 0 takes a free one
     * @param acmeAnswer what a certification authority is to be answered that asks for a token
     * @return the listener, which accepts
     * @throws IOException when the address cannot be had
     */
    public static HttpListener captivePortal(
            Shared shared, InetSocketAddress address, Function<String, Optional<String>> acmeAnswer)
            throws IOException {
        var clients = new Clients(shared.proxies(), SMALL.connectionsPerAddress());
        return bind(shared, address, null, new CaptivePortal(acmeAnswer), null, clients, SMALL, false);
    }

    /**
     * Opens the listener for metrics.
     *
     * @param shared   what the listeners have in common
     * @param counters what is shown of the event loops
     * @param figures  what is shown besides
     * @param address  where; port 0 takes a free one
     * @return the listener, which accepts
     * @throws IOException when the address cannot be had
     */
    public static HttpListener metrics(
            Shared shared, List<LoopCounters> counters, Supplier<List<Figure>> figures, InetSocketAddress address)
            throws IOException {
        var clients = new Clients(Proxies.NONE, SMALL.connectionsPerAddress());
        var routes = new MetricsRoutes(counters, figures, shared.health());
        return bind(shared, address, null, routes, null, clients, SMALL, false);
    }

    /**
     * Opens the listener for operators.
     *
     * @param shared  what the listeners have in common
     * @param admin   answers them
     * @param address where; port 0 takes a free one
     * @return the listener, which accepts
     * @throws IOException when the address cannot be had
     */
    public static HttpListener admin(Shared shared, Admin admin, InetSocketAddress address) throws IOException {
        var clients = new Clients(Proxies.NONE, FEW.connectionsPerAddress());
        return bind(shared, address, null, new AdminRoutes(admin), null, clients, FEW, false);
    }

    private static HttpListener bind(
            Shared shared,
            InetSocketAddress address,
            @Nullable ServerTls tls,
            Routes routes,
            @Nullable RelayService service,
            Clients clients,
            AcceptLimits limits,
            boolean counted)
            throws IOException {
        var setting = new HttpConnection.Setting(
                routes, service, clients, shared.timeouts(), new HttpDate(Clock.systemUTC()), counted);
        var bootstrap = new ServerBootstrap()
                .group(shared.group())
                .channel(shared.channels())
                .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new ChannelInitializer<ServerChannel>() {
                    @Override
                    protected void initChannel(ServerChannel listening) {
                        listening
                                .pipeline()
                                .addLast(new AcceptLimiter(limits, clients, shared.files(), shared.of(listening)));
                    }
                })
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ON_ITS_WAY)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        initialise(accepted, shared.of(accepted), tls, setting);
                    }
                });
        if (shared.reusePort()) {
            bootstrap.option(
                    Epoll.isAvailable()
                            ? EpollChannelOption.SO_REUSEPORT
                            : NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT),
                    true);
        }
        var bound = bootstrap.bind(BindAddress.usable(address)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "Failed to bind server socket to %s: %s"
                            .formatted(BindAddress.text(address), bound.cause().getMessage()),
                    bound.cause());
        }
        return new HttpListener(bound.channel(), shared.reusePort());
    }

    private static void initialise(
            SocketChannel accepted, ServerLoop loop, @Nullable ServerTls tls, HttpConnection.Setting setting) {
        var session = TlsSession.NONE;
        var pipeline = accepted.pipeline();
        if (tls != null) {
            session = tls.secure(accepted);
        }
        var connection = new HttpConnection(setting, loop, session);
        pipeline.addLast(new RequestDecoder(connection), new HttpResponseEncoder(), connection);
        if (setting.clients().useProxyProtocol()) {
            ProxyHeader.await(pipeline, accepted.remoteAddress(), setting.clients(), connection, loop);
        }
    }

    /**
     * {@return where this listens, with the real port}
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /**
     * Stops accepting, so that a newer listener at the same address, if there is one, has all connections from then on and none
     * is lost in between. Waits a moment if the address may be shared.
     *
     * @throws InterruptedException when the waiting thread is interrupted; this still accepts then
     */
    public void leave() throws InterruptedException {
        if (shared && Successor.takesNewConnectionsOf(channel)) {
            Thread.sleep(UNDER_WAY);
        }
        close();
    }

    /** Stops accepting. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
