package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.time.TimerWheel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What belongs to one event loop: its counters, timers and caches, and what it has to do when the reads of a turn are
 * over.
 *
 * <p>Within a turn datagrams are only put into batches. Once it is over every connection that got something writes it
 * out, in one go, and what is for other loops is handed to them, with one wake-up each. All but the constructor is for
 * the loop's own thread.
 */
public final class ForwardingLoop {
    private static final System.Logger LOG = System.getLogger(ForwardingLoop.class.getName());

    /** How many bytes may be on their way from all loops to one receiver of another loop. */
    static final int MAX_HANDOVER_BYTES = QueueLimits.MAX_BYTES;

    private final EventLoop eventLoop;
    private final int index;
    private final MonotonicClock clock;
    private final LoopCounters counters = new LoopCounters();
    private final TimerWheel timers;
    private final BacklogMemory backlogMemory;
    private final EndpointCache endpoints;
    private final List<ClientConnection> touched = new ArrayList<>();
    private final Handovers handovers;
    private final TurnPacing pacing = new TurnPacing();
    private boolean turnEndScheduled;
    private boolean tickScheduled;

    /**
     * Creates what belongs to an event loop.
     *
     * @param eventLoop        the loop
     * @param index            its number, 0 to {@code loops - 1}
     * @param loops            how many there are
     * @param clock            the server's clock
     * @param queueMemoryBytes what the backlogs of this loop's receivers may hold together, 1 or more
     * @param keyCacheCapacity how many valid endpoint ids to remember, 0 or more
     */
    public ForwardingLoop(
            EventLoop eventLoop,
            int index,
            int loops,
            MonotonicClock clock,
            long queueMemoryBytes,
            int keyCacheCapacity) {
        this.eventLoop = eventLoop;
        this.index = index;
        this.clock = clock;
        this.timers = new TimerWheel(clock.nanos());
        this.backlogMemory = new BacklogMemory(queueMemoryBytes);
        this.endpoints = new EndpointCache(keyCacheCapacity);
        this.handovers = new Handovers(index, loops, counters);
    }

    /**
     * {@return the event loop}
     */
    public EventLoop eventLoop() {
        return eventLoop;
    }

    /**
     * {@return its counters, which other threads may read}
     */
    public LoopCounters counters() {
        return counters;
    }

    /**
     * {@return the time on the server's clock, in nanoseconds}
     */
    public long nanos() {
        return clock.nanos();
    }

    /**
     * Sets a timer of this loop, or moves it.
     *
     * @param timer         the timer
     * @param deadlineNanos when it is to fire; {@link io.teahouse.relay.server.time.Timer#NEVER} cancels it
     */
    public void setTimer(io.teahouse.relay.server.time.Timer timer, long deadlineNanos) {
        timers.set(timer, deadlineNanos);
        scheduleTick();
    }

    int index() {
        return index;
    }

    /** Takes note that a client's bytes are about to be read. */
    void onRead(int bytes, long nowNanos) {
        pacing.onRead(bytes, nowNanos);
    }

    BacklogMemory backlogMemory() {
        return backlogMemory;
    }

    EndpointCache endpoints() {
        return endpoints;
    }

    /** Has a connection of this loop write out what it has, once the turn is over. */
    void flushAtTurnEnd(ClientConnection connection) {
        touched.add(connection);
        scheduleTurnEnd();
    }

    /** Makes room for a datagram frame for a receiver of another loop; as {@link SendQueue#reserve}. */
    ByteBuf reserveHandover(
            ClientConnection receiver, ByteBufAllocator allocator, int messageLength, int contentsLength) {
        scheduleTurnEnd();
        return handovers.reserve(receiver, allocator, messageLength, contentsLength);
    }

    /** Hands a datagram frame in a buffer of its own to a receiver of another loop. */
    void handOver(ClientConnection receiver, ByteBuf frame, int contentsLength) {
        scheduleTurnEnd();
        handovers.add(receiver, frame, contentsLength);
    }

    private void scheduleTurnEnd() {
        if (!turnEndScheduled) {
            turnEndScheduled = true;
            eventLoop.execute(this::onTurnEnd);
        }
    }

    private void onTurnEnd() {
        turnEndScheduled = false;
        long nowNanos = clock.nanos();
        // A flush may fail a connection, whose end may touch others: those are seen to in the same round.
        for (int i = 0; i < touched.size(); i++) {
            var connection = touched.get(i);
            try {
                connection.onTurnEnd(nowNanos);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "loop: a connection failed at the end of a turn and is closed", e);
                connection.abort("failed");
            }
        }
        touched.clear();
        handovers.send();
        long overNanos = clock.nanos();
        long restNanos = pacing.onTurnEnd(overNanos);
        if (restNanos > 0) {
            LockSupport.parkNanos(restNanos);
            overNanos = clock.nanos();
        }
        pacing.onTurnOver(overNanos);
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

    /** Counts datagram frames that were dropped. */
    void countDropped(RelayCounter reason, int frames) {
        counters.add(reason, frames);
        counters.add(RelayCounter.SEND_PACKETS_DROPPED, frames);
    }
}
