package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first message of a TLS client before the TLS engine does. A certification authority that wants a name proved (RFC
 * 8737, section 3) gets a handshake of its own, after which the connection is closed. All others pass unchanged; if there is no
 * engine behind this, since there is no certificate yet, they are told so by an alert. Confined to the connection's loop.
 */
final class ClientHelloGate extends SslClientHelloHandler<Optional<ClientHello>> {
    /** No client needs as much for its first message: 64 KiB. */
    private static final int MAX_HELLO_BYTES = 64 * 1024;

    /** A record with the alert access_denied (RFC 8446, section 6), which the reference sends, too. */
    private static final byte[] ACCESS_DENIED = {21, 3, 3, 0, 2, 2, 49};

    private final AlpnChallenges challenges;

    ClientHelloGate(AlpnChallenges challenges) {
        super(MAX_HELLO_BYTES);
        this.challenges = challenges;
    }

    @Override
    protected Future<Optional<ClientHello>> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf message) {
        return ctx.executor().newSucceededFuture(message == null ? Optional.empty() : ClientHello.parse(message));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<Optional<ClientHello>> found) {
        var pipeline = ctx.pipeline();
        var engine = pipeline.get(SslHandler.class);
        var answer = found.getNow()
                .filter(hello -> hello.protocols().equals(List.of(AlpnChallenges.PROTOCOL)))
                .flatMap(hello -> challenges.newHandler(hello.serverName(), ctx.alloc()));
        if (answer.isPresent()) {
            if (engine == null) {
                pipeline.addAfter(ctx.name(), null, answer.get());
            } else {
                pipeline.replace(engine, null, answer.get());
            }
            answer.get().handshakeFuture().addListener(_ -> ctx.channel().close());
            pipeline.remove(this);
        } else if (engine != null) {
            pipeline.remove(this);
        } else {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(ACCESS_DENIED)).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
