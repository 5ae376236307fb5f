package io.teahouse.relay.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs one connection from its upgrade to its end: owns its channel, its timer and the clock, and does what
 * {@link RelaySession} says. All but the counters is confined to the connection's event loop.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter implements RelaySession.Owner {
    /** Hears how the handshake went. */
    interface Outcome {
        /** The relay has let us in; returns what the program knows the connection by. */
        RelayConnection confirmed(ConnectionHandler handler);

        /** The connection could not be made; it is closed already. */
        void refused(RelayConnectException.Stage stage, String why);
    }

    /** Takes events, on the event loop; must not block. */
    @FunctionalInterface
    interface Sink {
        /** Returns whether there was room. */
        boolean accept(RelayConnection connection, RelayEvent event);
    }

    private final SendQueue queue;
    private final LongSupplier nowNanos;
    private final Outcome outcome;
    private final Sink sink;
    private final Function<ConnectionHandler, RelaySession> sessions;

    final AtomicLong receivedFrames = new AtomicLong();
    final AtomicLong receivedBytes = new AtomicLong();
    final AtomicLong droppedInboxFull = new AtomicLong();
    final AtomicLong droppedEmpty = new AtomicLong();

    private @Nullable ChannelHandlerContext context;
    private @Nullable RelaySession session;
    private @Nullable RelayConnection connection;
    private @Nullable ScheduledFuture<?> timer;
    private long timerNanos;
    private int writesUnderWay;
    private boolean unflushed;
    private boolean over;

    ConnectionHandler(
            SendQueue queue,
            LongSupplier nowNanos,
            Outcome outcome,
            Sink sink,
            Function<ConnectionHandler, RelaySession> sessions) {
        this.queue = queue;
        this.nowNanos = nowNanos;
        this.outcome = outcome;
        this.sink = sink;
        this.sessions = sessions;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        session = sessions.apply(this);
    }

    private RelaySession session() {
        if (session == null) {
            throw new IllegalStateException("connection: not in a pipeline");
        }
        return session;
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("connection: not in a pipeline");
        }
        return context;
    }

    /** Returns whether the relay sent a challenge. */
    boolean wasChallenged() {
        return session().wasChallenged();
    }

    // What the network says.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof ByteBuf bytes && !over) {
                session().onBytes(bytes, nowNanos.getAsLong());
                endTurn();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!over && ctx.channel().isWritable()) {
            session().onWritable();
            drain();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            session().onEnd();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session().onEnd();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        session().onFailure(RelayTls.words(cause));
    }

    private void onTimer() {
        timer = null;
        if (!over) {
            session().onDeadline(nowNanos.getAsLong());
            endTurn();
        }
    }

    // What the program wants, on the event loop.

    /** Sends what waits, as far as the network takes it. */
    void drain() {
        if (over) {
            return;
        }
        long now = nowNanos.getAsLong();
        while (context().channel().isWritable()) {
            var batch = queue.take(now);
            if (batch == null) {
                break;
            }
            write(batch);
        }
        endTurn();
    }

    void checkNow() {
        if (!over) {
            session().checkNow(nowNanos.getAsLong());
            endTurn();
        }
    }

    void abandon(String why) {
        if (!over) {
            session().onFailure(why);
        }
    }

    void beginClose() {
        if (!over) {
            drain();
            session().beginClose(nowNanos.getAsLong());
            endTurn();
        }
    }

    // What the session says.

    @Override
    public void write(ByteBuf frame) {
        if (writesUnderWay++ == 0) {
            session().onWriteBegun(nowNanos.getAsLong());
        }
        unflushed = true;
        context().write(frame).addListener(written -> {
            writesUnderWay--;
            if (!over && written.isSuccess()) {
                session().onWriteProgress(writesUnderWay > 0, nowNanos.getAsLong());
            } else if (!over) {
                session().onFailure(RelayTls.words(written.cause()));
            }
        });
    }

    @Override
    public boolean isWritable() {
        return context().channel().isWritable();
    }

    @Override
    public void confirmed() {
        connection = outcome.confirmed(this);
    }

    @Override
    public void refused(RelayConnectException.Stage stage, String why) {
        stop();
        context().flush();
        // First, since it is the reason, and that the channel is closed only what follows.
        outcome.refused(stage, why);
        context().close();
    }

    @Override
    public void event(RelayEvent event) {
        if (connection == null) {
            throw new IllegalStateException("event before the relay let us in: " + event);
        }
        switch (event) {
            case RelayEvent.Received received -> {
                int length = received.datagrams().contents().remaining();
                if (length == 0) {
                    droppedEmpty.incrementAndGet();
                    return;
                }
                receivedFrames.incrementAndGet();
                receivedBytes.addAndGet(length);
            }
            case RelayEvent.Ended(var end) -> finish(isUnreachable(end.cause()));
            case RelayEvent.Proved _,
                    RelayEvent.EndpointGone _,
                    RelayEvent.ConditionChanged _,
                    RelayEvent.Restarting _ -> {}
        }
        connection.onEvent(event);
        if (!sink.accept(connection, event)) {
            droppedInboxFull.incrementAndGet();
        }
    }

    private static boolean isUnreachable(ConnectionEnd.Cause cause) {
        return switch (cause) {
            case PING_UNANSWERED, WRITE_STALLED, STREAM_ENDED, NETWORK_ERROR -> true;
            case CLOSED_HERE, CLOSED_BY_RELAY, PROTOCOL_ERROR -> false;
        };
    }

    private void stop() {
        over = true;
        queue.close();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void finish(boolean unreachable) {
        stop();
        if (unreachable) {
            // Past TLS, whose goodbye nobody would take.
            context().pipeline().firstContext().close();
        } else {
            context().flush();
            context().close();
        }
    }

    private void endTurn() {
        if (over) {
            return;
        }
        if (unflushed) {
            unflushed = false;
            context().flush();
        }
        long next = session().nextDeadlineNanos();
        if (over || next == RelaySession.NEVER || (timer != null && timerNanos <= next)) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = next;
        timer = context()
                .executor()
                .schedule(this::onTimer, Math.max(0, next - nowNanos.getAsLong()), TimeUnit.NANOSECONDS);
    }
}
