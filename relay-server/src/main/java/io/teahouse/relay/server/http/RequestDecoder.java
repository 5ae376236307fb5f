package io.teahouse.relay.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** Netty's request parser with the limits of ours, which tells {@link HttpConnection} when bytes come. */
final class RequestDecoder extends HttpRequestDecoder {
    /** Longest request line in bytes; a longer one is answered with 414. */
    static final int MAX_REQUEST_LINE = 65_536;

    /** Longest header section in bytes; a longer one is answered with 431. */
    static final int MAX_HEADERS = 400 * 1024;

    private final HttpConnection connection;

    RequestDecoder(HttpConnection connection) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxChunkSize(8192)
                .setInitialBufferSize(512));
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        connection.onBytes();
        super.channelRead(ctx, message);
    }
}
