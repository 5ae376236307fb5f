package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.util.collection.LongObjectHashMap;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import org.jspecify.annotations.Nullable;

/**
 * Datagram frames that wait because their receiver does not take more at present, in the order in which they came.
 *
 * <p>Reached from {@link SendQueue}. Each frame lies in a buffer of its own, so that dropping one frees its memory.
 * When it is too much, the sender who has most here loses its oldest one: whoever keeps to its share loses nothing to
 * one that does not. Not thread-safe: confined to the receiver's loop.
 */
final class Backlog {
    /** Shares of senders who have nothing here any more are kept up to this number, since they mostly come back. */
    private static final int IDLE_SHARES = 64;

    /** What one sender has here. */
    static final class Share {
        final long sender;

        @Nullable
        WaitingFrame oldest;

        @Nullable
        WaitingFrame newest;

        int frames;
        int bytes;

        Share(long sender) {
            this.sender = sender;
        }
    }

    private final WaitingFrame.Spare spare;
    private final LongObjectHashMap<Share> shares = new LongObjectHashMap<>();
    private @Nullable WaitingFrame oldest;
    private @Nullable WaitingFrame newest;
    private int frames;
    private int bytes;

    /**
     * Creates an empty backlog.
     *
     * @param spare entries of the loop that are not in use
     */
    Backlog(WaitingFrame.Spare spare) {
        this.spare = spare;
    }

    boolean isEmpty() {
        return frames == 0;
    }

    int frames() {
        return frames;
    }

    /** Returns how many senders are kept account of, with or without a frame here. */
    int senders() {
        return shares.size();
    }

    /** Returns the bytes of all frames here, their WebSocket headers included. */
    int bytes() {
        return bytes;
    }

    /**
     * Adds a frame behind all others. The caller has made room with {@link #makeRoom}.
     *
     * @param sender any number that tells one sender from another
     * @param frame  a whole WebSocket frame; belongs to the backlog from now on
     */
    void add(long sender, ByteBuf frame, long nowNanos) {
        var share = shares.get(sender);
        if (share == null) {
            share = new Share(sender);
            shares.put(sender, share);
        }
        var waiting = spare.take();
        waiting.frame = frame;
        waiting.share = share;
        waiting.sinceNanos = nowNanos;
        waiting.previous = newest;
        if (newest == null) {
            oldest = waiting;
        } else {
            newest.next = waiting;
        }
        newest = waiting;
        if (share.newest == null) {
            share.oldest = waiting;
        } else {
            share.newest.nextOfSender = waiting;
        }
        share.newest = waiting;
        share.frames++;
        share.bytes += frame.readableBytes();
        frames++;
        bytes += frame.readableBytes();
    }

    /** Returns when the oldest frame came; only when not empty. */
    long oldestSinceNanos() {
        assert oldest != null;
        return oldest.sinceNanos;
    }

    /** Returns the oldest frame, still here; only when not empty. */
    ByteBuf peek() {
        assert oldest != null;
        return frameOf(oldest);
    }

    /** Takes the oldest frame out; it belongs to the caller. Only when not empty. */
    ByteBuf poll() {
        assert oldest != null;
        // The oldest of all is the oldest of its sender.
        var share = oldest.share;
        assert share != null;
        return removeOldestOf(share);
    }

    /**
     * Makes room for one more frame: as long as it is too much, the largest share loses its oldest, and the new frame counts
     * as its sender's already.
     */
    void makeRoom(long sender, int frameLength, LoopCounters counters) {
        while (frames >= QueueLimits.MAX_FRAMES || (!isEmpty() && bytes + frameLength > QueueLimits.MAX_BYTES)) {
            var loser = frames < QueueLimits.MAX_FRAMES ? largestByBytes(sender, frameLength) : largestByFrames(sender);
            removeOldestOf(loser).release();
            counters.increment(RelayCounter.DROPPED_QUEUE_FULL);
            counters.increment(RelayCounter.SEND_PACKETS_DROPPED);
        }
    }

    /** Drops the oldest frame of the sender who has most bytes here. Only when not empty. */
    void dropOfLargestShare() {
        removeOldestOf(largestByBytes(0, 0)).release();
    }

    private Share largestByBytes(long sender, int moreOfSender) {
        Share largest = null;
        int most = 0;
        for (var share : shares.values()) {
            int held = share.bytes + (share.sender == sender ? moreOfSender : 0);
            if (share.frames > 0 && held > most) {
                largest = share;
                most = held;
            }
        }
        assert largest != null;
        return largest;
    }

    private Share largestByFrames(long senderOfOneMore) {
        Share largest = null;
        int most = 0;
        for (var share : shares.values()) {
            int held = share.frames + (share.sender == senderOfOneMore ? 1 : 0);
            if (share.frames > 0 && held > most) {
                largest = share;
                most = held;
            }
        }
        assert largest != null;
        return largest;
    }

    /** Drops all frames; returns how many there were. */
    int clear() {
        int dropped = frames;
        while (oldest != null) {
            poll().release();
        }
        shares.clear();
        return dropped;
    }

    private ByteBuf removeOldestOf(Share share) {
        var waiting = share.oldest;
        assert waiting != null;
        share.oldest = waiting.nextOfSender;
        if (share.oldest == null) {
            share.newest = null;
        }
        var frame = frameOf(waiting);
        share.frames--;
        share.bytes -= frame.readableBytes();
        frames--;
        bytes -= frame.readableBytes();
        if (waiting.previous == null) {
            oldest = waiting.next;
        } else {
            waiting.previous.next = waiting.next;
        }
        if (waiting.next == null) {
            newest = waiting.previous;
        } else {
            waiting.next.previous = waiting.previous;
        }
        if (share.frames == 0 && shares.size() > IDLE_SHARES) {
            shares.remove(share.sender);
        }
        spare.give(waiting);
        return frame;
    }

    private static ByteBuf frameOf(WaitingFrame waiting) {
        var frame = waiting.frame;
        assert frame != null;
        return frame;
    }
}
