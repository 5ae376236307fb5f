package io.teahouse.relay.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.relay.server.forwarding.LingeringClose;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The header of the PROXY protocol with which every connection of a trusted proxy begins, and no other one may (the protocol's
 * specification, section 2). Netty reads it; the handlers are gone once it was read.
 *
 * <p>A connection that has no header, or a broken one, is closed without an answer: whose it is cannot be told. So is one of
 * somebody else that has one. The time for it is that which a connection has for its first request.
 */
final class ProxyHeader {
    /** What a proxy may tell beside the addresses, which nobody reads, in bytes; more close the connection. */
    static final int MAX_TLV_BYTES = 4096;

    private ProxyHeader() {}

    /** Makes a connection begin with its header, or without, before everything that is in its pipeline. */
    static void await(
            ChannelPipeline pipeline,
            InetSocketAddress peer,
            Clients clients,
            HttpConnection connection,
            ServerLoop loop) {
        if (clients.isProxy(peer.getAddress())) {
            pipeline.addFirst(new HAProxyMessageDecoder(MAX_TLV_BYTES), new OfProxy(peer, clients, connection, loop));
        } else {
            pipeline.addFirst(new OfAnybody(peer, clients, loop));
        }
    }

    /** Takes what the decoder in front of it has read. */
    private static final class OfProxy extends ChannelInboundHandlerAdapter {
        private final InetSocketAddress peer;
        private final Clients clients;
        private final HttpConnection connection;
        private final ServerLoop loop;
        private boolean over;

        OfProxy(InetSocketAddress peer, Clients clients, HttpConnection connection, ServerLoop loop) {
            this.peer = peer;
            this.clients = clients;
            this.connection = connection;
            this.loop = loop;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (over || !(message instanceof HAProxyMessage header)) {
                // Behind a header that closes the connection.
                ReferenceCountUtil.release(message);
                return;
            }
            try {
                var client = client(header).orElse(peer);
                if (clients.take(client.getAddress(), ctx.channel())) {
                    connection.onClient(client);
                    ctx.pipeline().remove(this);
                    return;
                }
                over = true;
                loop.counters().increment(RelayCounter.REFUSED_CONNECTIONS_PER_ADDRESS);
                clients.complain(AcceptLimiter.TOO_MANY_OF_ADDRESS, loop.nanos());
                LingeringClose.closeNow(ctx.channel());
            } finally {
                header.release();
            }
        }

        /** Returns the client's address; empty for a connection of the proxy itself, and for clients that have none. */
        private static Optional<InetSocketAddress> client(HAProxyMessage header) {
            var family = header.proxiedProtocol().addressFamily();
            var text = header.sourceAddress();
            boolean isIp = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
            return header.command() == HAProxyCommand.PROXY && isIp && text != null
                    ? Optional.of(new InetSocketAddress(InetAddress.ofLiteral(text), header.sourcePort()))
                    : Optional.empty();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!over && cause instanceof DecoderException) {
                over = true;
                clients.complain(
                        "proxy: %s is trusted, and a connection of it begins with no PROXY protocol header, or a broken one: closed"
                                .formatted(NetUtil.toAddressString(peer.getAddress())),
                        loop.nanos());
            }
            ctx.fireExceptionCaught(cause);
        }
    }

    /** Sees to it that a connection begins with no header. */
    private static final class OfAnybody extends ByteToMessageDecoder {
        private final InetSocketAddress peer;
        private final Clients clients;
        private final ServerLoop loop;

        OfAnybody(InetSocketAddress peer, Clients clients, ServerLoop loop) {
            this.peer = peer;
            this.clients = clients;
            this.loop = loop;
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            var found = HAProxyMessageDecoder.detectProtocol(in).state();
            if (found == ProtocolDetectionState.INVALID) {
                ctx.pipeline().remove(this);
            } else if (found == ProtocolDetectionState.DETECTED) {
                in.skipBytes(in.readableBytes());
                if (ctx.channel().isActive()) {
                    clients.complain(
                            "proxy: %s sends a PROXY protocol header and is not trusted: closed; if it is a proxy of yours, name it in proxy.trusted"
                                    .formatted(NetUtil.toAddressString(peer.getAddress())),
                            loop.nanos());
                    LingeringClose.closeNow(ctx.channel());
                }
            }
        }
    }
}
