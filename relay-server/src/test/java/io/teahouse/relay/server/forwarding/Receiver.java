package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.relay.server.forwarding.TestFrames.Seen;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Opcode;
import java.util.ArrayList;
import java.util.List;

/** A {@link SendQueue} and the outlet behind it, which takes as much as a test lets it. */
final class Receiver implements SendQueue.Outlet {
    final SendQueue queue;
    private final ByteBufAllocator allocator;
    private final List<Seen> seen = new ArrayList<>();
    private final List<Integer> batchBytes = new ArrayList<>();
    private List<Seen> lastBatch = List.of();
    private long room = Long.MAX_VALUE;
    private Runnable whenWritten = () -> {};
    private int numbers;

    Receiver(ByteBufAllocator allocator, BacklogMemory memory, LoopCounters counters) {
        this.allocator = allocator;
        this.queue = new SendQueue(allocator, this, memory, counters);
    }

    @Override
    public boolean isOpen() {
        return room > 0;
    }

    @Override
    public void write(ByteBuf batch) {
        int bytes = batch.readableBytes();
        var frames = TestFrames.read(batch);
        batch.release();
        assertThat(frames).as("frames in a batch").isNotEmpty();
        assertThat(bytes)
                .as("bytes of a batch of %d", frames.size())
                .isLessThanOrEqualTo(frames.size() == 1 ? 65_536 + 10 : QueueLimits.BATCH_BYTES);
        batchBytes.add(bytes);
        lastBatch = frames;
        seen.addAll(frames);
        room -= room == Long.MAX_VALUE ? 0 : bytes;
        whenWritten.run();
    }

    /** Lets so many bytes through, and the batch that goes beyond them. */
    void letThrough(long bytes) {
        room = bytes;
    }

    /** Has something happen within each write. */
    void whenWritten(Runnable what) {
        whenWritten = what;
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** Returns what was written last in one go. */
    List<Seen> lastBatch() {
        return lastBatch;
    }

    /** Returns the sizes of what was written in one go. */
    List<Integer> batchBytes() {
        return List.copyOf(batchBytes);
    }

    /** Returns the numbers of a sender's datagrams that came through. */
    List<Integer> numbersFrom(long sender) {
        return seen.stream()
                .filter(frame -> frame instanceof Seen.Datagram datagram && datagram.sender() == sender)
                .map(frame -> ((Seen.Datagram) frame).number())
                .toList();
    }

    List<Seen> controls() {
        return seen.stream().filter(Seen.Control.class::isInstance).toList();
    }

    /** Returns the number of the next datagram: they count up over all senders. */
    int nextNumber() {
        return numbers;
    }

    /** Sends as from this loop: straight into the batch. */
    void send(long sender, int contents, long nowNanos) {
        var message = TestFrames.datagram(sender, numbers++, contents);
        var out = queue.reserve(sender, message.length, contents, nowNanos);
        assertThat(out.writableBytes()).isGreaterThanOrEqualTo(message.length);
        out.setBytes(out.writerIndex(), message);
        out.writerIndex(out.writerIndex() + message.length);
    }

    /** Sends a frame in a buffer of its own. */
    void sendWhole(long sender, int contents, long nowNanos) {
        queue.add(sender, frame(sender, contents), nowNanos);
    }

    /** Sends as from another loop: one frame of each sender in a batch. */
    void sendBatch(int contents, long nowNanos, long... senders) {
        var batch = allocator.directBuffer();
        for (long sender : senders) {
            var frame = frame(sender, contents);
            batch.writeBytes(frame);
            frame.release();
        }
        queue.addBatch(batch, senders.length, senders.length * contents, nowNanos, nowNanos);
    }

    private ByteBuf frame(long sender, int contents) {
        var message = TestFrames.datagram(sender, numbers++, contents);
        int headerLength = FrameHeader.length(message.length);
        var frame = allocator.directBuffer(headerLength + message.length);
        FrameHeader.write(frame, 0, Opcode.BINARY, message.length);
        return frame.writerIndex(headerLength).writeBytes(message);
    }
}
