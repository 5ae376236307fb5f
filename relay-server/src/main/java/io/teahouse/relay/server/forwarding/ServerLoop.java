package io.teahouse.relay.server.forwarding;

import io.netty.channel.EventLoop;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.server.time.TimerWheel;
import java.util.concurrent.TimeUnit;

/**
 * What belongs to one event loop: its counters and its timers.
 *
 * <p>Connections begin on loops that only shake hands, which are just this; a client that is admitted goes on on a {@link
 * ForwardingLoop}. All but the constructor is for the loop's own thread.
 */
public sealed class ServerLoop permits ForwardingLoop {
    private final EventLoop eventLoop;
    private final MonotonicClock clock;
    private final LoopCounters counters = new LoopCounters();
    private final TimerWheel timers;
    private boolean tickScheduled;

    /**
     * Creates what belongs to an event loop.
     *
     * @param eventLoop the loop
     * @param clock     the server's clock
     */
    public ServerLoop(EventLoop eventLoop, MonotonicClock clock) {
        this.eventLoop = eventLoop;
        this.clock = clock;
        this.timers = new TimerWheel(clock.nanos());
    }

    /**
     * {@return the event loop}
     */
    public final EventLoop eventLoop() {
        return eventLoop;
    }

    /**
     * {@return its counters, which other threads may read}
     */
    public final LoopCounters counters() {
        return counters;
    }

    /**
     * {@return the time on the server's clock, in nanoseconds}
     */
    public final long nanos() {
        return clock.nanos();
    }

    /**
     * Sets a timer of this loop, or moves it.
     *
     * @param timer         the timer
     * @param deadlineNanos when it is to fire; {@link Timer#NEVER} cancels it
     */
    public final void setTimer(Timer timer, long deadlineNanos) {
        timers.set(timer, deadlineNanos);
        scheduleTick();
    }

    private void tick() {
        tickScheduled = false;
        try {
            timers.advance(clock.nanos());
        } finally {
            scheduleTick();
        }
    }

    private void scheduleTick() {
        if (!tickScheduled && !timers.isEmpty()) {
            tickScheduled = true;
            eventLoop.schedule(this::tick, TimerWheel.TICK_NANOS, TimeUnit.NANOSECONDS);
        }
    }
}
