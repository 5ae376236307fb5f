package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.teahouse.relay.server.limit.SparseLog;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.MonotonicClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What belongs to an event loop that carries datagrams: its caches, and what it has to do when the reads of a turn are over.
 *
 * <p>Within a turn datagrams are only put into batches. Once it is over every connection that got something writes it
 * out, in one go, and what is for other loops is handed to them, with one wake-up each. All but the constructor is for
 * the loop's own thread.
 */
public final class ForwardingLoop extends ServerLoop {
    private static final System.Logger LOG = System.getLogger(ForwardingLoop.class.getName());

    /** How many bytes may be on their way from all loops to one receiver of another loop. */
    static final int MAX_HANDOVER_BYTES = QueueLimits.MAX_BYTES;

    private final int index;
    private final BacklogMemory backlogMemory;
    private final EndpointCache endpoints;
    private final List<ClientConnection> touched = new ArrayList<>();
    private final Handovers handovers;
    private final TurnPacing pacing = new TurnPacing();
    private final SparseLog failures = new SparseLog(TimeUnit.SECONDS.toNanos(10));
    private boolean turnEndScheduled;

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
        super(eventLoop, clock);
        this.index = index;
        this.backlogMemory = new BacklogMemory(queueMemoryBytes);
        this.endpoints = new EndpointCache(keyCacheCapacity);
        this.handovers = new Handovers(index, loops, counters());
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

    /**
     * {@return how many bytes of datagrams wait for receivers of this loop that do not take them} May be called by any thread;
     * what it says may be some moments old.
     */
    public long queuedBytes() {
        return backlogMemory.bytes();
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
            ClientConnection receiver,
            ByteBufAllocator allocator,
            int messageLength,
            int contentsLength,
            long nowNanos) {
        scheduleTurnEnd();
        return handovers.reserve(receiver, allocator, messageLength, contentsLength, nowNanos);
    }

    /** Hands a datagram frame in a buffer of its own to a receiver of another loop. */
    void handOver(ClientConnection receiver, ByteBuf frame, int contentsLength, long nowNanos) {
        scheduleTurnEnd();
        handovers.add(receiver, frame, contentsLength, nowNanos);
    }

    private void scheduleTurnEnd() {
        if (!turnEndScheduled) {
            turnEndScheduled = true;
            eventLoop().execute(this::onTurnEnd);
        }
    }

    private void onTurnEnd() {
        turnEndScheduled = false;
        long nowNanos = nanos();
        // A flush may fail a connection, whose end may touch others: those are seen to in the same round.
        for (int i = 0; i < touched.size(); i++) {
            var connection = touched.get(i);
            try {
                connection.onTurnEnd(nowNanos);
            } catch (RuntimeException e) {
                if (failures.next(nowNanos).isPresent()) {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "loop: a connection failed at the end of a turn and is closed (said once in 10 s)",
                            e);
                }
                connection.abort("failed");
            }
        }
        handovers.send();
        long overNanos = nanos();
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).onTurnOver(overNanos);
        }
        touched.clear();
        long restNanos = pacing.onTurnEnd(overNanos);
        if (restNanos > 0) {
            LockSupport.parkNanos(restNanos);
            overNanos = nanos();
        }
        pacing.onTurnOver(overNanos);
    }

    /** Counts datagram frames that were dropped. */
    void countDropped(RelayCounter reason, int frames) {
        counters().add(reason, frames);
        counters().add(RelayCounter.SEND_PACKETS_DROPPED, frames);
    }
}
