package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCounted;
import io.teahouse.relay.server.time.Timer;

/**
 * Ends a connection so that the last words are heard: writes them, closes the writing side, and goes on reading, into
 * nothing, until the client has closed too or {@link #MAX_NANOS} are over.
 *
 * <p>To close at once, with input unread, would make the kernel reset the connection, and the client might never see what
 * was written. Takes the place of the handler that ends.
 */
public final class LingeringClose extends ChannelInboundHandlerAdapter {
    /** How long the client has to take the last words and close: 1 s. */
    public static final long MAX_NANOS = 1_000_000_000L;

    /** How many bytes are read into nothing. */
    private static final int MAX_DISCARDED_BYTES = 1 << 20;

    private final RelayService service;
    private final ServerLoop loop;
    private final Channel channel;
    private int discardedBytes;

    private final Timer timer = new Timer() {
        @Override
        protected void onDeadline(long nowNanos) {
            closeNow(channel);
        }
    };

    private LingeringClose(RelayService service, ServerLoop loop, Channel channel) {
        this.service = service;
        this.loop = loop;
        this.channel = channel;
    }

    /**
     * Begins to close.
     *
     * @param ending    the handler that ends, which is taken out of the pipeline
     * @param channel   its channel
     * @param service   hears when the channel is closed
     * @param loop      the channel's loop
     * @param lastWords what is written before the end; belongs to this class from now on
     */
    static void begin(
            ChannelHandler ending, Channel channel, RelayService service, ServerLoop loop, ByteBuf lastWords) {
        if (!channel.isActive()) {
            lastWords.release();
            channel.close();
            return;
        }
        channel.writeAndFlush(lastWords).addListener((ChannelFutureListener) written -> {
            if (written.isSuccess()) {
                closeOutput(channel);
            } else {
                channel.close();
            }
        });
        if (!channel.isActive()) {
            return;
        }
        var linger = new LingeringClose(service, loop, channel);
        channel.pipeline().replace(ending, null, linger);
        loop.setTimer(linger.timer, loop.nanos() + MAX_NANOS);
        channel.config().setAutoRead(true);
    }

    /**
     * Closes the writing side behind what was written. Channel's loop only; does nothing to a channel that is closed.
     *
     * @param channel the channel, with TLS or without
     */
    public static void closeOutput(Channel channel) {
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound().addListener(_ -> shutdownOutput(channel));
        } else {
            shutdownOutput(channel);
        }
    }

    /**
     * Closes at once, past TLS, which would wait for its own last words to be taken. Channel's loop only.
     *
     * @param channel the channel
     */
    public static void closeNow(Channel channel) {
        channel.unsafe().close(channel.voidPromise());
    }

    private static void shutdownOutput(Channel channel) {
        if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            duplex.shutdownOutput();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            discardedBytes += bytes.readableBytes();
        }
        if (message instanceof ReferenceCounted counted) {
            counted.release();
        }
        if (discardedBytes > MAX_DISCARDED_BYTES) {
            closeNow(channel);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.setTimer(timer, Timer.NEVER);
        service.onClosed(loop);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
