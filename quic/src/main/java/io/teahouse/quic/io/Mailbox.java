package io.teahouse.quic.io;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Things that the loop hands to the application's threads, which wait for them. Bounded: the loop asks for room first. */
final class Mailbox<T> {
    private final int capacity;
    /** Called when there is room again after there was none. */
    private final Runnable onRoom;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<T> waiting = new ArrayDeque<>();
    private boolean roomIsWanted;
    private @Nullable Supplier<IOException> end;

    Mailbox(int capacity, Runnable onRoom) {
        this.capacity = capacity;
        this.onRoom = onRoom;
    }

    /** Returns whether one more fits; if not, the box calls once it does. */
    boolean hasRoom() {
        lock.lock();
        try {
            roomIsWanted = waiting.size() >= capacity;
            return !roomIsWanted;
        } finally {
            lock.unlock();
        }
    }

    void put(T item) {
        lock.lock();
        try {
            waiting.add(item);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Says that nothing more comes; what is there can still be taken. */
    void end(Supplier<IOException> why) {
        lock.lock();
        try {
            if (end == null) {
                end = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    T take() throws IOException, InterruptedException {
        return take(Long.MAX_VALUE).orElseThrow();
    }

    /** Waits for the next one, for a while; 0 for not at all. */
    Optional<T> take(Duration patience) throws IOException, InterruptedException {
        return take(TimeUnit.NANOSECONDS.convert(patience));
    }

    private Optional<T> take(long patienceNanos) throws IOException, InterruptedException {
        boolean wanted;
        T item;
        lock.lockInterruptibly();
        try {
            long left = patienceNanos;
            while (waiting.isEmpty()) {
                if (end != null) {
                    throw end.get();
                }
                if (left <= 0) {
                    return Optional.empty();
                }
                left = changed.awaitNanos(left);
            }
            item = waiting.remove();
            wanted = roomIsWanted && waiting.size() <= capacity / 2;
            roomIsWanted &= !wanted;
        } finally {
            lock.unlock();
        }
        if (wanted) {
            onRoom.run();
        }
        return Optional.of(item);
    }
}
