package io.teahouse.relay.server.acme;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The {@link RenewalSchedule} under the wall clock: one thread waits for what is due, others change it. */
final class Alarm implements AutoCloseable {
    /** The wall clock is looked at so often at least, since it may be set, and machines sleep: 1 min. */
    private static final Duration LOOK_AT_LEAST = Duration.ofMinutes(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final RenewalSchedule schedule =
            new RenewalSchedule(() -> ThreadLocalRandom.current().nextDouble()); // guarded by lock
    private boolean closed; // guarded by lock

    /** What is due. */
    enum Due {
        ORDER,
        ASK,
        END
    }

    Due await() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                var now = Instant.now();
                if (!schedule.orderAt().isAfter(now)) {
                    return Due.ORDER;
                }
                if (!schedule.askAt().isAfter(now)) {
                    return Due.ASK;
                }
                var next = schedule.orderAt().isBefore(schedule.askAt()) ? schedule.orderAt() : schedule.askAt();
                var left = next.isBefore(now.plus(LOOK_AT_LEAST)) ? Duration.between(now, next) : LOOK_AT_LEAST;
                var _ = changed.awaitNanos(left.toNanos());
            }
            return Due.END;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the next certificate is due, for the log. */
    String inWords() {
        lock.lock();
        try {
            var at = schedule.orderAt();
            return at.isAfter(Instant.now())
                    ? at.truncatedTo(ChronoUnit.SECONDS).toString()
                    : "now";
        } finally {
            lock.unlock();
        }
    }

    void certificate(Instant from, Instant to) {
        change(now -> schedule.certificate(from, to, now));
    }

    void failed(Trouble trouble) {
        change(now -> schedule.failed(trouble.kind(), trouble.notBefore(), now));
    }

    /** Returns whether the certificate is to be replaced now for it. */
    boolean suggested(Optional<AcmeSession.Suggestion> suggestion) {
        lock.lock();
        try {
            var now = Instant.now();
            boolean due = !schedule.orderAt().isAfter(now);
            suggestion.ifPresentOrElse(
                    found -> schedule.suggested(found.start(), found.end(), found.notBefore(), now),
                    () -> schedule.nothingSuggested(Optional.empty(), now));
            return !due && !schedule.orderAt().isAfter(now);
        } finally {
            lock.unlock();
        }
    }

    void wanted(boolean anew) {
        change(now -> schedule.wanted(anew, now));
    }

    /** Something that happens to the schedule. */
    @FunctionalInterface
    private interface Event {
        void at(Instant now);
    }

    private void change(Event event) {
        lock.lock();
        try {
            event.at(Instant.now());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
