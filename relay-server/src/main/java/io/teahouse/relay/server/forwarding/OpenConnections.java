package io.teahouse.relay.server.forwarding;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts connections from upgrade to end, so that the end of all can be waited for. Safe for use by many threads. */
final class OpenConnections {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private int count;

    void opened() {
        lock.lock();
        try {
            count++;
        } finally {
            lock.unlock();
        }
    }

    void closed() {
        lock.lock();
        try {
            count--;
            if (count == 0) {
                none.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until none is open; returns whether that came in time. */
    boolean awaitNone(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = timeout.toNanos();
            while (count > 0 && leftNanos > 0) {
                leftNanos = none.awaitNanos(leftNanos);
            }
            return count == 0;
        } finally {
            lock.unlock();
        }
    }
}
