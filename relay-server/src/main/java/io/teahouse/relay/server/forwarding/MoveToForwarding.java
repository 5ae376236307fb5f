package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.ServerHandshake;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.websocket.WebSocketReader;
import java.util.Queue;

/**
 * Takes a client that was let in from the event loop that shook hands with it to the one that carries its datagrams, and
 * makes it a {@link ClientConnection} there.
 *
 * <p>Takes the place of {@link Admission}. The channel belongs to no loop for a moment, in which its socket keeps what
 * comes; what was read before waits here. Confined to the loop that the channel belongs to.
 */
final class MoveToForwarding extends ChannelInboundHandlerAdapter {
    private final RelayService service;
    private final ServerLoop from;
    private final ForwardingLoop to;
    private final EndpointId endpointId;
    private final Grant grant;
    private final ProtocolVersion version;
    private final WebSocketReader reader;
    private final Queue<ByteBuf> unread;
    private boolean over;

    /**
     * Creates a move.
     *
     * @param from         the loop on which the client was let in
     * @param endpointId   who it is
     * @param grant        what let it in
     * @param version      what it speaks
     * @param reader       reads what it sends, and belongs to this class from now on
     * @param unread       what was read from it already, which belongs to this class from now on
     */
    MoveToForwarding(
            RelayService service,
            ServerLoop from,
            EndpointId endpointId,
            Grant grant,
            ProtocolVersion version,
            WebSocketReader reader,
            Queue<ByteBuf> unread) {
        this.service = service;
        this.from = from;
        this.to = service.nextLoop();
        this.endpointId = endpointId;
        this.grant = grant;
        this.version = version;
        this.reader = reader;
        this.unread = unread;
    }

    /** Begins, once this is in the pipeline. */
    void begin(Channel channel) {
        channel.config().setAutoRead(false);
        channel.deregister()
                .addListener(_ -> to.eventLoop().register(channel).addListener(moved -> {
                    if (moved.isSuccess()) {
                        arrive(channel);
                    } else {
                        // It was closed on the way, which its handlers may not have heard.
                        leave();
                    }
                }));
    }

    private void arrive(Channel channel) {
        if (over) {
            return;
        }
        over = true;
        // First the word that it is in, then the registry, in one turn of the loop: nothing can come in between.
        channel.write(ServerFrames.binary(ServerHandshake.confirm()), channel.voidPromise());
        var connection = new ClientConnection(service, to, channel, endpointId, grant, version, reader);
        channel.pipeline().replace(this, null, connection);
        connection.begin();
        for (ByteBuf in; (in = unread.poll()) != null; ) {
            try {
                connection.read(in);
            } finally {
                in.release();
            }
        }
        channel.config().setAutoRead(true);
        // What was said to all clients in the meantime was not said to this one.
        connection.onAccessChanged();
        if (service.isClosing()) {
            connection.goAway();
        } else if (service.isDraining()) {
            connection.onDraining();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        unread.add((ByteBuf) message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /** Lets go of a client that never was one; once. */
    private void leave() {
        if (over) {
            return;
        }
        over = true;
        loop().counters().increment(RelayCounter.HANDSHAKE_FAILED_CLOSED);
        reader.close();
        for (ByteBuf in; (in = unread.poll()) != null; ) {
            in.release();
        }
        grant.end(endpointId);
        service.onClosed(loop());
    }

    private ServerLoop loop() {
        return to.eventLoop().inEventLoop() ? to : from;
    }
}
