package io.teahouse.relay.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.limit.Pace;
import io.teahouse.relay.server.limit.SparseLog;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a listening socket and everything else: accepts no faster than is allowed, closes who is one too many, and
 * rests for a moment when the machine has no more to give.
 *
 * <p>Over the rate nobody is turned away: who comes waits in the kernel's queue. Accepts on the loop of the listening channel;
 * that a connection is closed is heard on any.
 */
final class AcceptLimiter extends ChannelInboundHandlerAdapter {
    /** How long nothing is accepted when no file is left, or after another error, in nanoseconds. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The same complaint is logged once in this time. */
    private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final System.Logger LOG = System.getLogger(AcceptLimiter.class.getName());

    /** What is said when an address has as many connections as it may. */
    static final String TOO_MANY_OF_ADDRESS =
            "listener: a connection is refused, there are as many as one address is allowed";

    private final AcceptLimits limits;
    private final Clients clients;
    private final OpenFiles files;
    private final ServerLoop loop;
    private final @Nullable Pace rate;

    private final AtomicInteger open = new AtomicInteger();
    private final SparseLog complaints = new SparseLog(COMPLAINT_NANOS);
    private long restUntilNanos;

    AcceptLimiter(AcceptLimits limits, Clients clients, OpenFiles files, ServerLoop loop) {
        this.limits = limits;
        this.clients = clients;
        this.files = files;
        this.loop = loop;
        this.rate = limits.perSecond() > 0 ? new Pace(limits.perSecond(), limits.burst(), loop.nanos()) : null;
        this.restUntilNanos = loop.nanos();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var accepted = (Channel) message;
        if (rate != null) {
            long waitNanos = rate.take(loop.nanos());
            if (waitNanos > 0) {
                loop.counters().increment(RelayCounter.ACCEPTS_DELAYED);
                rest(ctx, waitNanos);
            }
        }
        if (open.get() >= limits.connections()) {
            refuse(accepted, RelayCounter.REFUSED_CONNECTIONS, "as many as are allowed");
            return;
        }
        if (accepted.remoteAddress() instanceof InetSocketAddress from && !clients.take(from.getAddress(), accepted)) {
            refuse(accepted, RelayCounter.REFUSED_CONNECTIONS_PER_ADDRESS, "as many as one address is allowed");
            return;
        }
        open.incrementAndGet();
        files.onOpened();
        if (files.areExhausted()) {
            loop.counters().increment(RelayCounter.ACCEPT_ERRORS);
            complain("no connection can be accepted for the moment: as many files as this process may have are open");
            rest(ctx, REST_NANOS);
        }
        accepted.closeFuture().addListener(_ -> onClosed());
        ctx.fireChannelRead(accepted);
    }

    /** Any thread. */
    private void onClosed() {
        files.onClosed();
        open.decrementAndGet();
    }

    /** At once, with a reset: words would cost what is to be saved. */
    private void refuse(Channel accepted, RelayCounter reason, String why) {
        loop.counters().increment(reason);
        complain("a connection is refused, there are " + why);
        accepted.unsafe().closeForcibly();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        loop.counters().increment(RelayCounter.ACCEPT_ERRORS);
        complain("no connection can be accepted for the moment: " + cause.getMessage());
        rest(ctx, REST_NANOS);
    }

    /** Accepts nothing for so long, or longer if that was said before. */
    private void rest(ChannelHandlerContext ctx, long nanos) {
        restUntilNanos = Math.max(restUntilNanos, loop.nanos() + nanos);
        var config = ctx.channel().config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
            goOn(config);
        }
    }

    private void goOn(ChannelConfig config) {
        long leftNanos = restUntilNanos - loop.nanos();
        if (leftNanos <= 0 && !files.areExhausted()) {
            config.setAutoRead(true);
            return;
        }
        long waitNanos = leftNanos > 0 ? leftNanos : REST_NANOS;
        var _ = loop.eventLoop().schedule(() -> goOn(config), waitNanos, TimeUnit.NANOSECONDS);
    }

    private void complain(String what) {
        if (complaints.next(loop.nanos()).isPresent()) {
            LOG.log(System.Logger.Level.WARNING, "listener: " + what + " (said once in 10 s; the metrics count)");
        }
    }
}
