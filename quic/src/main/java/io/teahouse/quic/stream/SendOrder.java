package io.teahouse.quic.stream;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which stream is next to send: those of the highest priority, one after the other.
 *
 * <p>Has each stream once at most, so it is bounded by how many there are. Not thread-safe.
 */
final class SendOrder {
    private final TreeMap<Integer, Queue<Long>> waiting = new TreeMap<>(Collections.reverseOrder());
    /** The queue that is next, so that it need not be looked for with each packet. */
    private Optional<Queue<Long>> front = Optional.empty();

    private final Set<Long> known = new HashSet<>();
    private final Map<Long, Integer> priorities = new HashMap<>();

    /** Puts a stream behind the others of its priority, unless it waits already. */
    void add(long id) {
        if (known.add(id)) {
            waiting.computeIfAbsent(priorityOf(id), _ -> new ArrayDeque<>()).add(id);
            findFront();
        }
    }

    /** The stream that is next; it stays. */
    OptionalLong first() {
        return front.isPresent() ? OptionalLong.of(front.get().element()) : OptionalLong.empty();
    }

    /** Takes the stream out that is next, and puts it behind the others if it has more to send. */
    void next(boolean hasMore) {
        var queue = front.orElseThrow();
        Long id = queue.remove();
        if (hasMore) {
            queue.add(id);
        } else {
            known.remove(id);
            findFront();
        }
    }

    void remove(long id) {
        if (known.remove(id)) {
            waiting.values().forEach(queue -> queue.remove(id));
            findFront();
        }
        priorities.remove(id);
    }

    /** Higher goes first; 0 if nothing is said. */
    void setPriority(long id, int priority) {
        boolean waits = known.contains(id);
        remove(id);
        if (priority != 0) {
            priorities.put(id, priority);
        }
        if (waits) {
            add(id);
        }
    }

    private int priorityOf(long id) {
        return priorities.getOrDefault(id, 0);
    }

    private void findFront() {
        waiting.values().removeIf(Queue::isEmpty);
        front = Optional.ofNullable(waiting.firstEntry()).map(Map.Entry::getValue);
    }
}
