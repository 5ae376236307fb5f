package io.teahouse.relay.server.forwarding;

import java.util.ArrayList;
import java.util.List;

/**
 * What all backlogs of one event loop hold together, against the loop's share of what the relay may use for them.
 *
 * <p>Above it the fullest queue gives up half, until it fits. Not thread-safe: confined to the loop.
 */
final class BacklogMemory {
    private final long limitBytes;
    private final WaitingFrame.Spare spare = new WaitingFrame.Spare();
    private final List<SendQueue> queues = new ArrayList<>();
    private long bytes;

    /**
     * Creates an empty account.
     *
     * @param limitBytes what may be held, 1 or more
     */
    BacklogMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes note that the backlog of a queue has grown or shrunk. */
    void changed(SendQueue queue, int difference) {
        if (difference == 0) {
            return;
        }
        bytes += difference;
        int now = queue.backlogBytes();
        if (now == difference) {
            queues.add(queue);
        } else if (now == 0 || queue.isClosed()) {
            queues.remove(queue);
        }
    }

    /** Lets the fullest queues shrink until there is room for a frame. */
    void makeRoom(int frameLength) {
        while (bytes + frameLength > limitBytes && !queues.isEmpty()) {
            var fullest = queues.getFirst();
            for (var queue : queues) {
                if (queue.backlogBytes() > fullest.backlogBytes()) {
                    fullest = queue;
                }
            }
            fullest.halveBacklog();
        }
    }

    /** Returns the loop's entries that are not in use. */
    WaitingFrame.Spare spare() {
        return spare;
    }

    /** Returns what is held, in bytes. */
    long bytes() {
        return bytes;
    }
}
