package io.teahouse.relay.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.forwarding.Admission;
import io.teahouse.relay.server.forwarding.LingeringClose;
import io.teahouse.relay.server.forwarding.RelayService;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.forwarding.Upgrade;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.server.tls.TlsSession;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP connection: answers its requests until it is closed or becomes a relay connection, which {@link Admission} then
 * has.
 *
 * <p>Put in place by {@link HttpListener}; {@link Routes} decides what is answered. A connection is closed when it is idle,
 * when a request takes too long to come, and when its client does not take the answers. Confined to the connection's loop.
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final System.Logger LOG = System.getLogger(HttpConnection.class.getName());

    /** Header lines of a request at most; more are answered with 431. */
    static final int MAX_HEADER_LINES = 100;

    /** Bytes of a request's body at most, which nobody reads; more end the connection. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    /** How long what is answered later may take: 60 s. */
    private static final long MAX_WORK_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final byte[] NO_BODY = new byte[0];

    /** What a connection needs to know of the listener that accepted it. */
    record Setting(
            Routes routes,
            @Nullable RelayService service,
            Clients clients,
            Timeouts timeouts,
            HttpDate date,
            boolean counted) {}

    private final Setting setting;
    private final ServerLoop loop;
    private final TlsSession tls;
    private final long idleNanos;
    private @Nullable ChannelHandlerContext context;
    private @Nullable InetSocketAddress toldClient;
    private @Nullable HttpRequest request;
    private int bodyBytes;
    private long establishedFromNanos;
    private boolean inRequest;
    private boolean served;
    private boolean errorCounted;
    private boolean closing;
    private boolean switched;
    private boolean answering;

    private final Timer timer = new Timer() {
        @Override
        protected void onDeadline(long nowNanos) {
            if (closing) {
                LingeringClose.closeNow(context().channel());
            } else {
                countError();
                if (inRequest || !served) {
                    count(RelayCounter.HANDSHAKE_FAILED_DEADLINE);
                }
                closeSoon();
                LingeringClose.closeOutput(context().channel());
            }
        }
    };

    HttpConnection(Setting setting, ServerLoop loop, TlsSession tls) {
        this.setting = setting;
        this.loop = loop;
        this.tls = tls;
        this.idleNanos = setting.timeouts().idle().toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        establishedFromNanos = loop.nanos();
        count(RelayCounter.HTTP_CONNECTIONS);
        loop.setTimer(timer, establishedFromNanos + idleNanos);
    }

    /** Takes note whose connection it is, by what its proxy said before all requests; it was counted. */
    void onClient(InetSocketAddress client) {
        toldClient = client;
    }

    /** Takes note that bytes came: a request begins, unless it has begun. */
    void onBytes() {
        if (!inRequest && !closing && !switched && !answering) {
            inRequest = true;
            loop.setTimer(timer, loop.nanos() + setting.timeouts().request().toNanos());
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        if (closing || switched || answering) {
            return;
        }
        if (part.decoderResult().isFailure()) {
            refuse(part.decoderResult().cause());
            return;
        }
        if (part instanceof HttpRequest head) {
            request = head;
            bodyBytes = 0;
            if (head.protocolVersion().majorVersion() != 1) {
                // The preface of HTTP/2 looks like a request.
                answerAndClose(HttpAnswer.empty(400, List.of()));
                return;
            }
            if (head.headers().size() > MAX_HEADER_LINES) {
                answerAndClose(HttpAnswer.empty(431, List.of()));
                return;
            }
        }
        if (part instanceof HttpContent content) {
            bodyBytes += content.content().readableBytes();
            if (bodyBytes > MAX_BODY_BYTES) {
                answerAndClose(HttpAnswer.empty(413, List.of()));
                return;
            }
        }
        if (part instanceof LastHttpContent && request != null) {
            var complete = request;
            request = null;
            handle(complete);
        }
    }

    private void handle(HttpRequest complete) {
        switch (setting.routes().route(complete)) {
            case Routes.Outcome.Answer(var answer) -> answer(complete, answer);
            case Routes.Outcome.Refuse(var answer, var cause) -> {
                count(cause);
                answer(complete, answer);
            }
            case Routes.Outcome.Later(var work) -> {
                answering = true;
                loop.setTimer(timer, loop.nanos() + MAX_WORK_NANOS);
                work.accept(
                        (InetSocketAddress) context().channel().remoteAddress(),
                        (answer, after) -> loop.eventLoop().execute(() -> {
                            answerLate(complete, answer);
                            after.run();
                        }));
            }
            case Routes.Outcome.Switch change -> {
                var client = toldClient;
                if (client == null) {
                    var peer = (InetSocketAddress) context().channel().remoteAddress();
                    client = setting.clients().of(peer, complete.headers(), loop.nanos());
                    // The peer was counted when it was accepted.
                    if (!client.equals(peer)
                            && !setting.clients()
                                    .take(client.getAddress(), context().channel())) {
                        refuseOneTooMany();
                        return;
                    }
                }
                switchProtocol(complete, change, client);
            }
        }
    }

    private void answer(HttpRequest complete, HttpAnswer answer) {
        boolean keepAlive = setting.routes().keepAlive() && HttpUtil.isKeepAlive(complete);
        inRequest = false;
        served = true;
        establishedFromNanos = loop.nanos();
        // Later than before in any case, so this is but a note to the timer.
        loop.setTimer(timer, establishedFromNanos + idleNanos);
        write(answer, complete.method().equals(HttpMethod.HEAD), keepAlive);
    }

    private void answerLate(HttpRequest complete, HttpAnswer answer) {
        if (!closing && context().channel().isActive()) {
            served = true;
            write(answer, complete.method().equals(HttpMethod.HEAD), false);
        }
    }

    /** In words, unlike a connection that comes directly: the connection is the proxy's, which would hear of a failure. */
    private void refuseOneTooMany() {
        loop.counters().increment(RelayCounter.REFUSED_CONNECTIONS_PER_ADDRESS);
        setting.clients().complain(AcceptLimiter.TOO_MANY_OF_ADDRESS, loop.nanos());
        write(HttpAnswer.text(429, "as many connections as your address may have are open"), false, false);
    }

    /** Answers what is no request, in the way of its fault, and closes. */
    private void refuse(Throwable cause) {
        int status = cause instanceof TooLongHttpLineException
                ? 414
                : cause instanceof TooLongHttpHeaderException ? 431 : 400;
        answerAndClose(HttpAnswer.empty(status, List.of()));
    }

    private void answerAndClose(HttpAnswer answer) {
        countError();
        count(RelayCounter.HANDSHAKE_FAILED_HTTP);
        write(answer, false, false);
    }

    private void write(HttpAnswer answer, boolean head, boolean keepAlive) {
        byte[] body = head ? NO_BODY : answer.body();
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), Unpooled.wrappedBuffer(body));
        setting.routes().commonHeaders().forEach(line -> response.headers().set(line.getKey(), line.getValue()));
        answer.headers().forEach(line -> response.headers().set(line.getKey(), line.getValue()));
        response.headers().set(HttpHeaderNames.DATE, setting.date().now());
        if (answer.status() != 204) {
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        }
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        var written = context().writeAndFlush(response);
        if (!keepAlive) {
            closeSoon();
            written.addListener(_ -> LingeringClose.closeOutput(context().channel()));
        } else if (!context().channel().isWritable()) {
            // Whoever does not take the answers is not asked for more questions.
            context().channel().config().setAutoRead(false);
        }
    }

    /**
     * Gives the client a moment to close, too. What still comes is read into nothing: to close with input unread could cost
     * the client the answer.
     */
    private void closeSoon() {
        closing = true;
        loop.setTimer(timer, loop.nanos() + LingeringClose.MAX_NANOS);
        context().channel().config().setAutoRead(true);
    }

    private void switchProtocol(HttpRequest complete, Routes.Outcome.Switch change, InetSocketAddress client) {
        assert setting.service() != null;
        switched = true;
        loop.setTimer(timer, Timer.NEVER);
        var ctx = context();
        var pipeline = ctx.pipeline();
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.UPGRADE, "websocket")
                .set(HttpHeaderNames.CONNECTION, "upgrade")
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, change.acceptKey())
                .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, change.version().subprotocol())
                .set(HttpHeaderNames.DATE, setting.date().now());
        setting.routes().commonHeaders().forEach(line -> response.headers().set(line.getKey(), line.getValue()));
        ctx.write(response, ctx.voidPromise());
        KeyMaterialExporter exporter = tls.exporter();
        var upgrade = new Upgrade(
                change.version(),
                complete.uri(),
                complete.headers().entries(),
                client,
                exporter,
                establishedFromNanos + setting.timeouts().admission().toNanos());
        var admission = new Admission(setting.service(), loop, upgrade);
        pipeline.addLast(admission);
        pipeline.remove(this);
        pipeline.remove(HttpResponseEncoder.class);
        // Last, since it passes on what it has read of the bytes behind the request.
        admission.begin();
        tls.forget();
        pipeline.remove(RequestDecoder.class);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.setTimer(timer, Timer.NEVER);
        tls.forget();
        count(RelayCounter.HTTP_CONNECTIONS_CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "connection from %s: lost, %s".formatted(ctx.channel().remoteAddress(), cause.getMessage()));
        if (!closing && isFault(cause)) {
            countError();
            if (!served) {
                count(
                        cause instanceof SslHandshakeTimeoutException
                                ? RelayCounter.HANDSHAKE_FAILED_DEADLINE
                                : RelayCounter.HANDSHAKE_FAILED_TLS);
            }
        }
        ctx.close();
    }

    /** Whether TLS failed; that a client has gone, with a reset or without, is no fault. */
    private static boolean isFault(Throwable cause) {
        return cause instanceof DecoderException || cause instanceof SSLException;
    }

    /** Once for each connection. */
    private void countError() {
        if (!errorCounted) {
            errorCounted = true;
            count(RelayCounter.HTTP_CONNECTIONS_ERRORED);
        }
    }

    private void count(RelayCounter counter) {
        if (setting.counted()) {
            loop.counters().increment(counter);
        }
    }

    private ChannelHandlerContext context() {
        assert context != null;
        return context;
    }
}
