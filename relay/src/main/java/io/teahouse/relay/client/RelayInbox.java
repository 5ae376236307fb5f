package io.teahouse.relay.client;

import io.teahouse.relay.client.RelayEvent.Received;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the events of connections wait for the program: of one connection, or of thousands, which then need no thread each.
 *
 * <p>Bounded: when {@value #MAX_FRAMES} frames of datagrams or {@value #MAX_BYTES} bytes of them wait, what comes then is dropped
 * and counted; other events have room of their own, {@value #MAX_OTHERS} for all, and {@link RelayEvent.Ended} always has. Events stay in order.
 * Safe for use by many threads.
 */
public final class RelayInbox {
    /** Frames of datagrams that may wait. */
    public static final int MAX_FRAMES = 4096;

    /** Bytes of datagrams that may wait: 4 MiB. */
    public static final int MAX_BYTES = 1 << 22;

    /** Events other than datagrams that may wait. */
    public static final int MAX_OTHERS = 16_384;

    /**
     * An event and where it happened.
     *
     * @param connection whose
     * @param event      what
     */
    public record Item(RelayConnection connection, RelayEvent event) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private int frames;
    private int bytes;
    private int others;

    /** Creates an inbox that is empty. */
    public RelayInbox() {}

    /** Puts an event in; returns whether there was room. */
    boolean put(RelayConnection connection, RelayEvent event) {
        lock.lock();
        try {
            if (event instanceof Received received) {
                int length = received.datagrams().contents().remaining();
                if (frames >= MAX_FRAMES || bytes + length > MAX_BYTES) {
                    return false;
                }
                frames++;
                bytes += length;
            } else if (!(event instanceof RelayEvent.Ended)) {
                if (others >= MAX_OTHERS) {
                    return false;
                }
                others++;
            }
            items.add(new Item(connection, event));
            filled.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next event.
     *
     * @return the event, and where it happened
     * @throws InterruptedException when the thread is interrupted
     */
    public Item take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (items.isEmpty()) {
                filled.await();
            }
            return remove();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next event, for some time.
     *
     * @param patience how long to wait at most; zero or less does not wait
     * @return the event, and where it happened; empty if none came
     * @throws InterruptedException when the thread is interrupted
     */
    public Optional<Item> poll(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.NANOSECONDS.convert(patience);
            while (items.isEmpty()) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = filled.awaitNanos(left);
            }
            return Optional.of(remove());
        } finally {
            lock.unlock();
        }
    }

    private Item remove() {
        var item = items.remove();
        if (item.event() instanceof Received received) {
            frames--;
            bytes -= received.datagrams().contents().remaining();
        } else if (!(item.event() instanceof RelayEvent.Ended)) {
            others--;
        }
        return item;
    }
}
