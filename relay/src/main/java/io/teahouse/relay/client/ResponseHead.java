package io.teahouse.relay.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Awaits the head of one HTTP response, hands it over, and leaves the pipeline; what follows the head belongs to whoever is
 * behind it then.
 */
final class ResponseHead extends ChannelInboundHandlerAdapter {
    /** Longest status line in bytes. */
    private static final int MAX_LINE = 4096;

    /** Longest header section in bytes. */
    private static final int MAX_HEADERS = 32 * 1024;

    private final Consumer<HttpResponse> then;
    private final Consumer<Throwable> failed;
    private @Nullable HttpResponse head;

    private ResponseHead(Consumer<HttpResponse> then, Consumer<Throwable> failed) {
        this.then = then;
        this.failed = failed;
    }

    /**
     * Begins to wait.
     *
     * @param behind name of the handler that goes on being behind
     * @param then   may add handlers for what follows the head, before that one, or close the channel
     * @param failed hears of failures of the connection
     */
    static void await(
            ChannelPipeline pipeline, String behind, Consumer<HttpResponse> then, Consumer<Throwable> failed) {
        pipeline.addBefore(behind, null, new HeadDecoder());
        pipeline.addBefore(behind, null, new ResponseHead(then, failed));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            head = response;
            if (response.decoderResult().isFailure()) {
                finish(ctx, response);
            }
        } else if (message instanceof LastHttpContent && head != null) {
            finish(ctx, head);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed.accept(cause);
    }

    private void finish(ChannelHandlerContext ctx, HttpResponse response) {
        head = null;
        then.accept(response);
        ctx.pipeline().remove(this);
        ctx.pipeline().remove(HeadDecoder.class);
    }

    /** Netty's parser, for which every response ends with its head. */
    private static final class HeadDecoder extends HttpResponseDecoder {
        HeadDecoder() {
            super(new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEADERS));
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return true;
        }
    }
}
