package io.teahouse.relay.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.teahouse.core.RelayUrl;
import io.teahouse.relay.client.RelayConnectException.Stage;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, from the host's name to the relay's yes: TCP as {@link ConnectRace} says, the proxy's tunnel and TLS
 * where they are wanted, the upgrade, and the handshake, which is {@link RelaySession}'s. Confined to one event loop.
 */
final class Dial implements ConnectionHandler.Outcome {
    // Above the high mark nothing is taken out of the send queue: so much waits in the channel, and is not dropped.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    /** Hears how it went, once, on the event loop. */
    interface Ending {
        void connected(RelayConnection connection);

        void failed(RelayConnectException failure);
    }

    private final DialSettings settings;
    private final RelayUrl url;
    private final Optional<String> token;
    private final Optional<ProxyServer> proxy;
    private final Optional<RelayInbox> inbox;
    private final ConnectionHandler.Sink sink;
    private final Ending ending;
    private final EventLoop loop;
    private final MaskKeys masks;
    private final Map<Integer, ChannelFuture> attempts = new HashMap<>();
    private Stage stage = Stage.RESOLVE;
    private @Nullable ConnectRace<InetAddress> race;
    private @Nullable ScheduledFuture<?> raceTimer;
    private @Nullable ScheduledFuture<?> limit;
    private @Nullable Channel channel;
    private ProtocolVersion version = ProtocolVersion.V1;
    private @Nullable SendQueue sendQueue;
    private boolean over;

    /**
     * Creates an attempt that has not begun.
     *
     * @param inbox where the events go for the connection to take, if they go there
     * @param sink  takes the events
     * @throws RelayConnectException if the URL or the settings make no connection
     */
    Dial(DialSettings settings, RelayUrl url, Optional<RelayInbox> inbox, ConnectionHandler.Sink sink, Ending ending)
            throws RelayConnectException {
        this.settings = settings;
        this.url = url;
        this.inbox = inbox;
        this.sink = sink;
        this.ending = ending;
        this.loop = settings.loops().next();
        this.masks = new MaskKeys(settings.random());
        if (url.host().isEmpty() || url.port() == 0) {
            throw failure(Stage.SETTINGS, "the URL has no host or no port to dial");
        }
        token = settings.tokens()
                .token(settings.key().endpointId(), settings.wallClock().instant());
        if (token.isPresent() && !UpgradeRequest.isLegalToken(token.get())) {
            throw failure(
                    Stage.SETTINGS,
                    "the access token has %d characters, or other than visible ASCII (expected: 1 to %d, none else)"
                            .formatted(token.get().length(), UpgradeRequest.MAX_TOKEN));
        }
        proxy = settings.proxies().proxyFor(url);
        if (url.isTls() || proxy.map(ProxyServer::tls).orElse(false)) {
            settings.tls().ready(); // here, and not on the event loop
        }
    }

    private RelayConnectException failure(Stage at, String why) {
        return new RelayConnectException(RelayClient.label(url), at, why);
    }

    /** Begins. */
    void start() {
        loop.execute(this::begin);
    }

    /** Ends the attempt, if it has not ended. */
    void cancel() {
        if (!loop.isShuttingDown()) {
            loop.execute(() -> fail(stage, "cancelled"));
        }
    }

    private void begin() {
        if (over) {
            return;
        }
        var timeout = settings.timeout();
        limit = loop.schedule(
                () -> fail(stage, "no end within %d ms".formatted(timeout.toMillis())),
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
        var host = proxy.map(ProxyServer::host).orElse(url.host());
        var started = new ConnectRace<InetAddress>(settings.preferred().get(), now());
        race = started;
        var literal = literal(host);
        for (var family : AddressFamily.values()) {
            if (literal.isPresent()) {
                boolean same = SystemResolver.familyOf(literal.get()) == family;
                started.resolved(family, same ? List.of(literal.get()) : List.of(), now());
            } else {
                settings.lookups().start(host, family, loop, answer -> {
                    switch (answer) {
                        case Lookups.Answer.Found(var addresses) -> started.resolved(family, addresses, now());
                        case Lookups.Answer.Failed(var why) -> started.lookupFailed(family, why, now());
                    }
                    runRace();
                });
            }
        }
        runRace();
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private long now() {
        return settings.nowNanos().getAsLong();
    }

    private void runRace() {
        var running = race;
        while (running != null && !over) {
            var action = running.poll();
            if (action == null) {
                armRaceTimer(running);
                return;
            }
            switch (action) {
                case ConnectRace.Action.Start<InetAddress>(int attempt, var address) -> connect(attempt, address);
                case ConnectRace.Action.Cancel<InetAddress>(int attempt) -> abandon(attempt);
                case ConnectRace.Action.Failed<InetAddress>(boolean resolved, var why) ->
                    fail(resolved ? Stage.CONNECT : Stage.RESOLVE, why);
                case ConnectRace.Action.Won<InetAddress>(int attempt) -> {
                    race = null;
                    var winner = attempts.remove(attempt);
                    List.copyOf(attempts.keySet()).forEach(this::abandon);
                    if (winner != null) {
                        onTcp(winner.channel());
                    }
                    return;
                }
            }
        }
    }

    private void armRaceTimer(ConnectRace<InetAddress> running) {
        if (raceTimer != null) {
            raceTimer.cancel(false);
            raceTimer = null;
        }
        long next = running.nextDeadlineNanos();
        if (next != Long.MAX_VALUE) {
            raceTimer = loop.schedule(
                    () -> {
                        raceTimer = null;
                        running.onDeadline(now());
                        runRace();
                    },
                    Math.max(0, next - now()),
                    TimeUnit.NANOSECONDS);
        }
    }

    private void connect(int attempt, InetAddress address) {
        stage = Stage.CONNECT;
        var running = race;
        int port = proxy.map(ProxyServer::port).orElse(url.port());
        var connecting = new Bootstrap()
                .group(loop)
                .channel(settings.channelType())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        (2 * settings.timeout().toMillis()))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(End.NAME, new End());
                    }
                })
                .connect(new InetSocketAddress(address, port));
        attempts.put(attempt, connecting);
        connecting.addListener(done -> {
            if (running == null || over || !attempts.containsKey(attempt)) {
                connecting.channel().close();
                return;
            }
            if (done.isSuccess()) {
                running.connected(attempt);
            } else {
                attempts.remove(attempt);
                running.failed(attempt, connectWords(done.cause()), now());
            }
            // Not from within the race, which may be what started this.
            loop.execute(this::runRace);
        });
    }

    private static String connectWords(@Nullable Throwable cause) {
        // Epoll says which call failed, and with which number, before it says why.
        return RelayTls.words(cause).replaceFirst("^.*error\\(-?[0-9]+\\): ", "");
    }

    private void abandon(int attempt) {
        var connecting = attempts.remove(attempt);
        if (connecting != null) {
            connecting.cancel(false);
            connecting.channel().close();
        }
    }

    private void onTcp(Channel connected) {
        channel = connected;
        connected.closeFuture().addListener(_ -> fail(stage, "the connection was closed"));
        if (proxy.isEmpty()) {
            secureRelay(connected);
        } else if (proxy.get().tls()) {
            stage = Stage.PROXY;
            secure(connected, proxy.get().host(), proxy.get().port(), _ -> openTunnel(connected, proxy.get()));
        } else {
            openTunnel(connected, proxy.get());
        }
    }

    private void secure(Channel connected, String host, int port, Consumer<SslHandler> then) {
        var handler = settings.tls().get().newHandler(host, port);
        connected.pipeline().addBefore(End.NAME, null, handler);
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess() && !over) {
                then.accept(handler);
            } else {
                fail(stage, RelayTls.words(done.cause()));
            }
        });
    }

    /**
     * The end of the pipeline: what nobody before it wanted to know. A failure that gets here is told by a future, too, or by the
     * end of the connection.
     */
    private static final class End extends ChannelInboundHandlerAdapter {
        static final String NAME = "end";

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    private void openTunnel(Channel connected, ProxyServer through) {
        stage = Stage.PROXY;
        var host = url.host().endsWith(".") ? url.host().substring(0, url.host().length() - 1) : url.host();
        var target = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + url.port();
        var request = new StringBuilder(
                "CONNECT %s HTTP/1.1\r\nHost: %s\r\nProxy-Connection: Keep-Alive\r\n".formatted(target, target));
        through.authorization().ifPresent(value -> request.append("Proxy-Authorization: %s\r\n".formatted(value)));
        exchange(connected, request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII), response -> {
            var status = response.status();
            if (!response.decoderResult().isFailure() && status.codeClass() == HttpStatusClass.SUCCESS) {
                secureRelay(connected);
            } else {
                var answer = response.decoderResult().isFailure()
                        ? "something that is not HTTP"
                        : "%d %s".formatted(status.code(), ClientFrames.printable(status.reasonPhrase(), 60));
                fail(
                        Stage.PROXY,
                        "proxy %s answered %s (expected: 2xx%s)"
                                .formatted(
                                        through,
                                        answer,
                                        status.code() == 407
                                                        && through.authorization()
                                                                .isEmpty()
                                                ? "; it wants credentials, and none are set"
                                                : ""));
            }
        });
    }

    private void secureRelay(Channel connected) {
        if (url.isTls()) {
            stage = Stage.TLS;
            secure(connected, url.host(), url.port(), tls -> upgrade(connected, RelayTls.exporter(tls.engine())));
        } else {
            upgrade(connected, KeyMaterialExporter.NONE);
        }
    }

    private void upgrade(Channel connected, KeyMaterialExporter exporter) {
        stage = Stage.UPGRADE;
        var handshake = new ClientHandshake(settings.key());
        var clientAuth = handshake.start(exporter);
        byte[] key = new byte[UpgradeRequest.KEY_LENGTH];
        settings.random().accept(key);
        var request =
                new UpgradeRequest(url, Base64.getEncoder().encodeToString(key), settings.highest(), token, clientAuth);
        exchange(connected, request.bytes(), response -> {
            switch (request.check(response)) {
                case UpgradeRequest.Verdict.Accepted(var chosen) -> beginSession(connected, handshake, chosen);
                case UpgradeRequest.Verdict.Refused(var why) -> fail(Stage.UPGRADE, why);
            }
        });
    }

    private void exchange(Channel connected, byte[] request, Consumer<HttpResponse> then) {
        ResponseHead.await(
                connected.pipeline(),
                End.NAME,
                response -> {
                    if (!over) {
                        then.accept(response);
                    }
                },
                failure -> fail(stage, RelayTls.words(failure)));
        connected.writeAndFlush(Unpooled.wrappedBuffer(request));
    }

    private void beginSession(Channel connected, ClientHandshake handshake, ProtocolVersion chosen) {
        stage = Stage.HANDSHAKE;
        version = chosen;
        var queue = new SendQueue(connected.alloc(), new MaskKeys(settings.random()));
        sendQueue = queue;
        connected
                .pipeline()
                .addBefore(
                        End.NAME,
                        null,
                        new ConnectionHandler(
                                queue,
                                settings.nowNanos(),
                                this,
                                sink,
                                handler -> new RelaySession(
                                        handler, connected.alloc(), handshake, chosen, masks, this::randomLong)));
    }

    private long randomLong() {
        byte[] bytes = new byte[Long.BYTES];
        settings.random().accept(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }

    @Override
    public RelayConnection confirmed(ConnectionHandler handler) {
        finish();
        var connected = channel;
        var queue = sendQueue;
        if (connected == null || queue == null) {
            throw new IllegalStateException("confirmed before there was a session");
        }
        var connection = new RelayConnection(
                url,
                settings.key().endpointId(),
                version,
                handler.wasChallenged(),
                connected,
                queue,
                handler,
                settings.nowNanos(),
                inbox);
        ending.connected(connection);
        return connection;
    }

    @Override
    public void refused(Stage at, String why) {
        fail(at, why);
    }

    private void fail(Stage at, String why) {
        if (over) {
            return;
        }
        finish();
        List.copyOf(attempts.keySet()).forEach(this::abandon);
        if (channel != null) {
            channel.close();
        }
        ending.failed(failure(at, why));
    }

    private void finish() {
        over = true;
        race = null;
        for (var timer : new @Nullable ScheduledFuture<?>[] {raceTimer, limit}) {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
