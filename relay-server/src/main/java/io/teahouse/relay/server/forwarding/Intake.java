package io.teahouse.relay.server.forwarding;

import io.netty.channel.Channel;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.limit.Pace;
import io.teahouse.relay.server.limit.TokenBucket;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How fast a client is read from. What has been read is answered and forwarded; who has sent more than it may is then not read
 * from for a while, so that TCP has it wait.
 *
 * <p>There are three reasons to wait: its own limit, what it may send together with others ({@link TenantLoop}), and pings that
 * come too often. Confined to the client's loop.
 */
final class Intake {
    /** How many pings of a client are read in a second, of the relay's and of WebSocket's kind together. */
    private static final int PINGS_PER_SECOND = 1000;

    private final ForwardingLoop loop;
    private final Channel channel;
    private final TenantLoop tenant;
    private final Pace pingPace;
    private @Nullable TokenBucket bucket;
    private Optional<ReceiveLimit> limitInForce = Optional.empty();

    /** Set while the client is held back for a time that is known. */
    private @Nullable Future<?> readingOn;

    /** How long the client is to be held back for its pings, once what has come is read. */
    private long pingHoldNanos;

    private boolean waitsForShare;

    Intake(ForwardingLoop loop, Channel channel, TenantLoop tenant) {
        this.loop = loop;
        this.channel = channel;
        this.tenant = tenant;
        this.pingPace = new Pace(PINGS_PER_SECOND, PINGS_PER_SECOND, loop.nanos());
    }

    /** Sets what the client may send, from the next read on. */
    void setLimit(Optional<ReceiveLimit> limit) {
        if (!limit.equals(limitInForce)) {
            limitInForce = limit;
            bucket =
                    limit.map(changed -> new TokenBucket(changed, loop.nanos())).orElse(null);
            readOn();
        }
    }

    /** Takes note of what was read; returns whether that was more than the client may send. */
    boolean onRead(int bytes, long nowNanos) {
        long waitNanos = bucket == null ? 0 : bucket.take(bytes, nowNanos);
        if (waitNanos > 0) {
            holdBack(waitNanos);
        }
        boolean noShare = tenant.isLimited() && !tenant.take(bytes, this, nowNanos);
        if (noShare) {
            waitsForShare = true;
            channel.config().setAutoRead(false);
        }
        return waitNanos > 0 || noShare;
    }

    void onPing(long nowNanos) {
        pingHoldNanos = pingPace.take(nowNanos);
    }

    /** Takes note that all that had come is read; returns whether there were too many pings in it. */
    boolean onReadOver() {
        if (pingHoldNanos <= 0) {
            return false;
        }
        holdBack(pingHoldNanos);
        pingHoldNanos = 0;
        return true;
    }

    boolean waitsForShare() {
        return waitsForShare;
    }

    /** Goes on reading, after the client has waited for what it may send together with others. */
    void onShareToRead() {
        waitsForShare = false;
        if (readingOn == null) {
            channel.config().setAutoRead(true);
        }
    }

    /** Forgets all that was to be done, since the client has gone. */
    void close() {
        forgetReadingOn();
        if (waitsForShare) {
            tenant.forget(this);
        }
    }

    /**
     * Reads nothing for a while. Not one of the loop's timers: their tick is as long as that of the bucket, in which half of
     * the client's share would be lost.
     */
    private void holdBack(long nanos) {
        forgetReadingOn();
        channel.config().setAutoRead(false);
        readingOn = loop.eventLoop().schedule(this::readOn, nanos, TimeUnit.NANOSECONDS);
    }

    private void readOn() {
        forgetReadingOn();
        if (!waitsForShare) {
            channel.config().setAutoRead(true);
        }
    }

    private void forgetReadingOn() {
        if (readingOn != null) {
            readingOn.cancel(false);
            readingOn = null;
        }
    }
}
