package io.teahouse.relay.server.forwarding;

/**
 * Decides when an event loop rests for a moment, so that the next turn finds more to do.
 *
 * <p>A loop that is hardly ever idle, and yet reads only a frame or two from each client a turn, spends its time on system
 * calls: one to read and one to write for each frame. The faster it goes round, the less it finds. A rest of a tenth of a
 * millisecond lets frames gather in the sockets, which then are read, encrypted and written together; a network card
 * holds back its interrupts for the same reason. A loop that has to wait for something to do, or that moves a lot at a
 * time, does not rest, so nobody waits longer on a relay that has time.
 *
 * <p>Asked by {@link ForwardingLoop} at the end of each turn. Not thread-safe: confined to the loop.
 */
final class TurnPacing {
    /** How long a rest is, in nanoseconds. */
    static final long REST_NANOS = 100_000;

    /** How long a loop is watched before it begins to rest, or ends it, in nanoseconds of work and waiting. */
    static final long WATCH_NANOS = 4_000_000;

    /** A loop rests if it works for this share of its time or more, in percent; rests do not count. */
    static final int BUSY_PERCENT = 80;

    /** Reads of fewer bytes than this, on average, are small. */
    static final int SMALL_READ = 4096;

    /** From the end of a turn to the first bytes of the next one that does not wait for them, in nanoseconds. */
    static final long SWITCH_NANOS = 10_000;

    private long turnStartNanos;
    private long turnOverNanos;
    private long busyNanos;
    private long waitingNanos;
    private long readBytes;
    private long reads;
    private boolean inTurn;
    private boolean resting;

    /** Takes note that a client's bytes are about to be read. */
    void onRead(int bytes, long nowNanos) {
        if (!inTurn) {
            inTurn = true;
            long sinceLastNanos = nowNanos - turnOverNanos;
            long workNanos = Math.min(sinceLastNanos, SWITCH_NANOS);
            busyNanos += workNanos;
            waitingNanos += sinceLastNanos - workNanos;
            turnStartNanos = nowNanos;
        }
        reads++;
        readBytes += bytes;
    }

    /** Returns how long to rest now that everything is written, in nanoseconds; 0 for not at all. */
    long onTurnEnd(long nowNanos) {
        if (!inTurn) {
            return 0;
        }
        inTurn = false;
        busyNanos += nowNanos - turnStartNanos;
        if (busyNanos + waitingNanos >= WATCH_NANOS) {
            resting = readBytes < SMALL_READ * reads && busyNanos * 100 >= (busyNanos + waitingNanos) * BUSY_PERCENT;
            busyNanos = 0;
            waitingNanos = 0;
            reads = 0;
            readBytes = 0;
        }
        return resting ? REST_NANOS : 0;
    }

    /** Takes note of the time, once a turn and the rest behind it are over. */
    void onTurnOver(long nowNanos) {
        turnOverNanos = nowNanos;
    }
}
