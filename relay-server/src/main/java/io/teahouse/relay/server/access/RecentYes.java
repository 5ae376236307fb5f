package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who was let in a short while ago. Forgets the oldest when it is full. Is told the time: nanoseconds of a clock that never
 * goes back. Safe for use by many threads.
 */
final class RecentYes {
    /** What a service was asked; what it was not told cannot have made a difference. */
    record Question(EndpointId endpointId, Optional<InetAddress> clientIp) {}

    private final int capacity;
    private final long lifeNanos;
    private final Map<Question, Long> endNanos = new LinkedHashMap<>();

    /** Remembers up to {@code capacity} questions for {@code lifeNanos} each; 0 for nothing at all. */
    RecentYes(int capacity, long lifeNanos) {
        this.capacity = capacity;
        this.lifeNanos = lifeNanos;
    }

    synchronized boolean contains(Question question, long nowNanos) {
        var end = endNanos.get(question);
        return end != null && nowNanos < end;
    }

    synchronized void add(Question question, long nowNanos) {
        if (lifeNanos == 0) {
            return;
        }
        endNanos.remove(question);
        endNanos.put(question, nowNanos + lifeNanos);
        // In the order in which they end, since all live as long.
        var oldest = endNanos.entrySet().iterator();
        while (oldest.hasNext()) {
            long end = oldest.next().getValue();
            if (endNanos.size() <= capacity && end > nowNanos) {
                return;
            }
            oldest.remove();
        }
    }

    synchronized int size() {
        return endNanos.size();
    }
}
