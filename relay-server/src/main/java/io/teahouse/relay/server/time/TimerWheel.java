package io.teahouse.relay.server.time;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Timers in a ring of slots: setting, moving and cancelling cost the same whatever their number.
 *
 * <p>Moving a deadline to a later time only notes it, so a timer that is pushed back by every frame costs a store a
 * frame. Decides only; whoever owns it calls {@link #advance} every {@link #TICK_NANOS} while it is not
 * {@linkplain #isEmpty empty}. Not thread-safe: confined to one thread.
 */
public final class TimerWheel {
    /** How far apart the slots are: 100 ms. Nothing fires early, and nothing later than this after its time. */
    public static final long TICK_NANOS = 100_000_000;

    /** One turn of the ring is 51 s; a timer further away than that is looked at once a turn. */
    private static final int SLOTS = 512;

    private final @Nullable Timer[] slots = new @Nullable Timer[SLOTS];
    /** Taken out of a slot to be fired. */
    private final ArrayDeque<Timer> due = new ArrayDeque<>();

    private long tick;
    private int size;

    /**
     * Creates an empty wheel.
     *
     * @param nowNanos the time
     */
    public TimerWheel(long nowNanos) {
        tick = nowNanos / TICK_NANOS;
    }

    /**
     * Sets a timer, or moves it if it was set.
     *
     * @param timer         the timer
     * @param deadlineNanos when it is to fire; {@link Timer#NEVER} cancels it
     */
    public void set(Timer timer, long deadlineNanos) {
        if (deadlineNanos == Timer.NEVER) {
            cancel(timer);
            return;
        }
        boolean later = timer.slot >= 0 && deadlineNanos >= timer.deadlineNanos;
        timer.deadlineNanos = deadlineNanos;
        if (later) {
            return;
        }
        if (timer.slot >= 0) {
            unlink(timer);
        }
        link(timer);
    }

    /**
     * Cancels a timer; does nothing if it is not set.
     *
     * @param timer the timer
     */
    public void cancel(Timer timer) {
        if (timer.slot >= 0) {
            unlink(timer);
        }
        timer.deadlineNanos = Timer.NEVER;
    }

    /**
     * {@return whether no timer is set}
     */
    public boolean isEmpty() {
        return size == 0 && due.isEmpty();
    }

    /**
     * Fires what is due.
     *
     * @param nowNanos the time, not before that of the last call
     */
    public void advance(long nowNanos) {
        fireDue(nowNanos);
        long end = nowNanos / TICK_NANOS;
        if (size == 0 || end - tick > SLOTS) {
            // Nothing to visit, or everything: one turn sees all slots.
            tick = Math.max(tick, size == 0 ? end : end - SLOTS);
        }
        while (tick < end) {
            tick++;
            fireSlot((int) (tick & (SLOTS - 1)), nowNanos);
        }
    }

    private void fireSlot(int slot, long nowNanos) {
        // Taken out first: what fires may set and cancel timers, of this slot too.
        for (var timer = slots[slot]; timer != null; timer = slots[slot]) {
            unlink(timer);
            due.add(timer);
        }
        fireDue(nowNanos);
    }

    /** Fires what was taken out; if one of them throws, the others are fired the next time. */
    private void fireDue(long nowNanos) {
        for (Timer timer; (timer = due.pollFirst()) != null; ) {
            // One that fired before it may have set it again, or cancelled it.
            if (timer.slot >= 0 || timer.deadlineNanos == Timer.NEVER) {
                continue;
            }
            if (timer.deadlineNanos > nowNanos) {
                link(timer);
            } else {
                timer.deadlineNanos = Timer.NEVER;
                timer.onDeadline(nowNanos);
            }
        }
    }

    private void link(Timer timer) {
        // Rounded down: who is found there too early goes into the next slot, and so is not two ticks behind its time.
        long dueTick = Math.clamp(timer.deadlineNanos / TICK_NANOS, tick + 1, tick + SLOTS);
        int slot = (int) (dueTick & (SLOTS - 1));
        var first = slots[slot];
        timer.slot = slot;
        timer.previous = null;
        timer.next = first;
        if (first != null) {
            first.previous = timer;
        }
        slots[slot] = timer;
        size++;
    }

    private void unlink(Timer timer) {
        if (timer.previous != null) {
            timer.previous.next = timer.next;
        } else {
            slots[timer.slot] = timer.next;
        }
        if (timer.next != null) {
            timer.next.previous = timer.previous;
        }
        timer.slot = -1;
        timer.previous = null;
        timer.next = null;
        size--;
    }
}
