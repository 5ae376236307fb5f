package io.teahouse.quic;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * Messages of the application's that may be lost, on their way in or out (RFC 9221).
 *
 * <p>What is older is worth less: when there is no room the oldest goes. Not thread-safe. Bounded in bytes, of which
 * each message counts some more than it has, so that empty ones count, too.
 */
public final class DatagramQueue {
    /** What a message costs beside its bytes. */
    static final int OVERHEAD_BYTES = 64;

    private final long maxBytes;
    private final Queue<ByteBuffer> waiting = new ArrayDeque<>();
    private long bytes;
    private long dropped;

    /**
     * Creates an empty one.
     *
     * @param maxBytes how many bytes of messages are kept
     */
    public DatagramQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Takes in a message, in place of the oldest ones if there is no room.
     *
     * @param data the message, copied; one that is larger than all the queue is dropped itself
     */
    public void add(ByteBuffer data) {
        if (cost(data) > maxBytes) {
            dropped++;
            return;
        }
        var copy = ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
        waiting.add(copy.asReadOnlyBuffer());
        bytes += cost(copy);
        while (bytes > maxBytes) {
            bytes -= cost(waiting.remove());
            dropped++;
        }
    }

    /**
     * {@return how many bytes the next message has, or empty if there is none}
     */
    public Optional<Integer> nextLength() {
        return Optional.ofNullable(waiting.peek()).map(ByteBuffer::remaining);
    }

    /**
     * {@return the next message, which then does not wait any more; or empty if there is none}
     */
    public Optional<ByteBuffer> poll() {
        var next = Optional.ofNullable(waiting.poll());
        next.ifPresent(data -> bytes -= cost(data));
        return next;
    }

    /**
     * {@return how many messages had no room}
     */
    public long dropped() {
        return dropped;
    }

    private static long cost(ByteBuffer data) {
        return (long) OVERHEAD_BYTES + data.remaining();
    }
}
