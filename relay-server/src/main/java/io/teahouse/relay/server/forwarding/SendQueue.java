package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.metrics.RelayHistogram;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Opcode;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one client is to receive: frames become batches here, and wait when the client does not take them.
 *
 * <p>Reached from the sender's {@link ClientConnection}, which writes a datagram straight into the batch that
 * {@link #reserve} gives it; emptied into the receiver's channel by {@link #drain} once a turn of the event loop. While
 * the {@link Outlet} is open a frame is copied once, into the batch, and nothing is allocated for it. When it is not,
 * the batch is filled up and what follows goes to the {@link Backlog}, under {@link QueueLimits}. Control frames never
 * wait behind the backlog.
 *
 * <p>Not thread-safe: confined to the receiver's loop.
 */
final class SendQueue {
    private static final int MIN_BATCH_BYTES = 1024;

    /** Where batches go. */
    interface Outlet {
        /** Returns whether a batch would be taken on its way now. */
        boolean isOpen();

        /** Takes a batch, which belongs to the outlet from now on. */
        void write(ByteBuf batch);
    }

    private final ByteBufAllocator allocator;
    private final Outlet outlet;
    private final BacklogMemory memory;
    private final LoopCounters counters;

    /** The batch that is being filled. */
    private @Nullable ByteBuf batch;

    /** Datagram frames in the batch, and the bytes of their contents. */
    private int batchFrames;

    private int batchContents;

    /** Control frames in the batch: with any it is not dropped, however old. */
    private int batchControls;

    private long batchSinceNanos;

    /** Whether the outlet did not take it at the end of the turn in which it was begun. */
    private boolean batchWaited;

    /** How large the next batch is made: as large as they lately were. */
    private int expectedBatchBytes = MIN_BATCH_BYTES;

    /** Made when it is first needed: most clients never are that slow. */
    private @Nullable Backlog backlog;

    private @Nullable ArrayDeque<byte[]> control;
    private @Nullable ArrayDeque<byte[]> gone;
    private boolean closed;

    /** Contents of all datagrams that were handed on. */
    private long sentBytes;

    // Datagrams that were handed on in this turn and had not to wait, and when the first of them came.
    private int turnFrames;
    private long turnSinceNanos;

    SendQueue(ByteBufAllocator allocator, Outlet outlet, BacklogMemory memory, LoopCounters counters) {
        this.allocator = allocator;
        this.outlet = outlet;
        this.memory = memory;
        this.counters = counters;
    }

    /**
     * Makes room for a datagram frame: returns a buffer into which the caller is to write {@code messageLength} bytes at
     * its writer index, which it then moves on by as many. The WebSocket header is there already.
     *
     * <p>Not to be called once the queue is {@linkplain #isClosed closed}.
     *
     * @param sender         any number that tells one sender from another
     * @param messageLength  length of the relay frame in bytes
     * @param contentsLength how many of them are contents of datagrams
     */
    ByteBuf reserve(long sender, int messageLength, int contentsLength, long nowNanos) {
        assert !closed;
        int frameLength = FrameHeader.length(messageLength) + messageLength;
        if (isBacklogged() || !roomInBatch(frameLength)) {
            return reserveElsewhere(sender, messageLength, contentsLength, nowNanos);
        }
        batchFrames++;
        batchContents += contentsLength;
        return openFrame(messageLength, frameLength, nowNanos);
    }

    /**
     * Adds a datagram frame that lies in a buffer of its own.
     *
     * @param sender any number that tells one sender from another
     * @param frame  a whole WebSocket frame; belongs to the queue from now on
     */
    void add(long sender, ByteBuf frame, long nowNanos) {
        if (closed) {
            frame.release();
            counters.increment(RelayCounter.DROPPED_RECEIVER_GONE);
            counters.increment(RelayCounter.SEND_PACKETS_DROPPED);
        } else if (!isBacklogged() && outlet.isOpen()) {
            writeBatch(nowNanos);
            countTurn(1, nowNanos);
            writeSingle(frame);
        } else {
            addToBacklog(sender, frame, nowNanos);
        }
    }

    /**
     * Adds a batch of datagram frames that another loop has filled.
     *
     * @param filled   whole WebSocket frames; belongs to the queue from now on
     * @param frames   how many they are
     * @param contents bytes of their contents
     * @param sinceNanos when the first of them came
     */
    void addBatch(ByteBuf filled, int frames, int contents, long sinceNanos, long nowNanos) {
        if (closed) {
            filled.release();
            countDropped(RelayCounter.DROPPED_RECEIVER_GONE, frames);
        } else if (!isBacklogged() && outlet.isOpen()) {
            writeBatch(nowNanos);
            countSent(frames, contents);
            countTurn(frames, sinceNanos);
            outlet.write(filled);
        } else {
            try {
                while (filled.isReadable()) {
                    var frame = allocator.directBuffer(frameLength(filled));
                    frame.writeBytes(filled, frameLength(filled));
                    addToBacklog(senderOf(frame), frame, sinceNanos);
                }
            } finally {
                filled.release();
            }
        }
    }

    /** Adds a Status, Health, Ping or Pong frame, or whatever else must not wait behind datagrams. */
    void addControl(byte[] message, long nowNanos) {
        if (closed) {
            return;
        }
        if (control == null && canBatchControl(message)) {
            appendControl(message, nowNanos);
            return;
        }
        if (control == null) {
            control = new ArrayDeque<>();
        }
        addBounded(control, message, QueueLimits.MAX_CONTROL_FRAMES);
    }

    /** Adds an EndpointGone frame. */
    void addGone(byte[] message, long nowNanos) {
        if (closed) {
            return;
        }
        if (control == null && gone == null && canBatchControl(message)) {
            appendControl(message, nowNanos);
            return;
        }
        if (gone == null) {
            gone = new ArrayDeque<>();
        }
        addBounded(gone, message, QueueLimits.MAX_GONE_FRAMES);
    }

    /** Hands on what the outlet takes, control frames first; returns whether anything was handed on. */
    boolean drain(long nowNanos) {
        dropTooOld(nowNanos);
        boolean written = false;
        while (!closed && outlet.isOpen()) {
            if (batchControls > 0) {
                // Control frames overtake datagrams, but not each other.
                writeBatch(nowNanos);
            } else if (control != null || gone != null) {
                writeControl();
            } else if (batch != null) {
                writeBatch(nowNanos);
            } else if (isBacklogged()) {
                writeFromBacklog(nowNanos);
            } else {
                break;
            }
            written = true;
        }
        batchWaited = batch != null;
        return written;
    }

    /** Drops datagrams that have waited for too long. */
    void dropTooOld(long nowNanos) {
        long oldestAllowed = nowNanos - QueueLimits.MAX_AGE_NANOS;
        if (batch != null && batchControls == 0 && batchSinceNanos < oldestAllowed) {
            dropBatch(RelayCounter.DROPPED_TOO_OLD);
        }
        var waiting = backlog;
        if (waiting == null) {
            return;
        }
        int before = waiting.bytes();
        while (!waiting.isEmpty() && waiting.oldestSinceNanos() < oldestAllowed) {
            waiting.poll().release();
            countDropped(RelayCounter.DROPPED_TOO_OLD, 1);
        }
        memory.changed(this, waiting.bytes() - before);
    }

    /** Returns the bytes of datagrams that wait outside the batch. */
    int backlogBytes() {
        return backlog == null ? 0 : backlog.bytes();
    }

    /** Returns how many datagram frames wait outside the batch. */
    int backlogFrames() {
        return backlog == null ? 0 : backlog.frames();
    }

    /** Returns how many bytes of datagrams were handed on. Any thread; may be some moments old. */
    long sentBytes() {
        return sentBytes;
    }

    /** Returns whether anything waits. */
    boolean isEmpty() {
        return batch == null && control == null && gone == null && !isBacklogged();
    }

    /** Drops the older half of the backlog, since all queues together hold too much. */
    void halveBacklog() {
        var waiting = backlog;
        if (waiting == null || waiting.isEmpty()) {
            return;
        }
        int before = waiting.bytes();
        while (!waiting.isEmpty() && waiting.bytes() > before / 2) {
            waiting.dropOfLargestShare();
            countDropped(RelayCounter.DROPPED_MEMORY, 1);
        }
        memory.changed(this, waiting.bytes() - before);
    }

    /** Drops everything; nothing is taken any more. May be called twice. */
    void close() {
        closed = true;
        dropBatch(RelayCounter.DROPPED_RECEIVER_GONE);
        if (backlog != null) {
            int before = backlog.bytes();
            countDropped(RelayCounter.DROPPED_RECEIVER_GONE, backlog.clear());
            memory.changed(this, -before);
            backlog = null;
        }
        control = null;
        gone = null;
    }

    boolean isClosed() {
        return closed;
    }

    private boolean isBacklogged() {
        return backlog != null && !backlog.isEmpty();
    }

    private boolean roomInBatch(int frameLength) {
        return frameLength <= QueueLimits.LARGE_FRAME
                && (batch == null || batch.writerIndex() + frameLength <= QueueLimits.BATCH_BYTES);
    }

    /** Writes the header of a frame at the end of the batch, which is made if there is none. */
    private ByteBuf openFrame(int messageLength, int frameLength, long nowNanos) {
        var target = batch;
        if (target == null) {
            target = allocator.directBuffer(
                    Math.max(expectedBatchBytes, frameLength), QueueLimits.BATCH_BYTES + FrameHeader.MAX_LENGTH);
            batch = target;
            batchSinceNanos = nowNanos;
        } else if (target.writableBytes() < frameLength) {
            target.capacity(Math.min(
                    target.maxCapacity(), Math.max(4 * target.capacity(), target.writerIndex() + frameLength)));
        }
        int at = target.writerIndex();
        FrameHeader.write(target, at, Opcode.BINARY, messageLength);
        target.writerIndex(at + frameLength - messageLength);
        return target;
    }

    /** Finds room for a frame that does not go into the batch: it is full, the frame is large, or others wait. */
    private ByteBuf reserveElsewhere(long sender, int messageLength, int contentsLength, long nowNanos) {
        int headerLength = FrameHeader.length(messageLength);
        int frameLength = headerLength + messageLength;
        if (!isBacklogged() && outlet.isOpen()) {
            writeBatch(nowNanos);
            if (roomInBatch(frameLength)) {
                batchFrames++;
                batchContents += contentsLength;
                return openFrame(messageLength, frameLength, nowNanos);
            }
        }
        var frame = allocator.directBuffer(frameLength, frameLength);
        FrameHeader.write(frame, 0, Opcode.BINARY, messageLength);
        // Its whole length is accounted for here, though the caller has yet to write the message.
        frame.writerIndex(frameLength);
        addToBacklog(sender, frame, nowNanos);
        frame.writerIndex(headerLength);
        return frame;
    }

    private void addToBacklog(long sender, ByteBuf frame, long nowNanos) {
        var waiting = backlog;
        if (waiting == null) {
            waiting = new Backlog(memory.spare());
            backlog = waiting;
        }
        // Before the frame is added, so that it is not itself what gives way.
        memory.makeRoom(frame.readableBytes());
        int before = waiting.bytes();
        waiting.makeRoom(sender, frame.readableBytes(), counters);
        waiting.add(sender, frame, nowNanos);
        memory.changed(this, waiting.bytes() - before);
    }

    private void writeFromBacklog(long nowNanos) {
        var waiting = backlog;
        assert waiting != null;
        int before = waiting.bytes();
        // All is accounted for before it is written: an outlet that fails then may close this queue at once.
        if (waiting.peek().readableBytes() > QueueLimits.LARGE_FRAME) {
            measureWait(nowNanos - waiting.oldestSinceNanos(), 1);
            var frame = waiting.poll();
            memory.changed(this, waiting.bytes() - before);
            writeSingle(frame);
            return;
        }
        var filled =
                allocator.directBuffer(Math.min(QueueLimits.BATCH_BYTES, waiting.bytes()), QueueLimits.BATCH_BYTES);
        int frames = 0;
        int contents = 0;
        while (!waiting.isEmpty() && waiting.peek().readableBytes() <= filled.maxWritableBytes()) {
            measureWait(nowNanos - waiting.oldestSinceNanos(), 1);
            var frame = waiting.poll();
            frames++;
            contents += contentsLength(frame);
            filled.writeBytes(frame);
            frame.release();
        }
        memory.changed(this, waiting.bytes() - before);
        expectBatchesOf(filled.writerIndex());
        countSent(frames, contents);
        outlet.write(filled);
    }

    private void writeSingle(ByteBuf frame) {
        countSent(1, contentsLength(frame));
        outlet.write(frame);
    }

    // What a whole WebSocket frame tells of itself: its header has the length, the message in it the sender.

    private static int headerLength(ByteBuf frame) {
        int shortLength = frame.getUnsignedByte(frame.readerIndex() + 1);
        return shortLength < 126 ? 2 : shortLength == 126 ? 4 : 10;
    }

    /** Returns the length of the frame that a buffer begins with. */
    private static int frameLength(ByteBuf frames) {
        int at = frames.readerIndex();
        int headerLength = headerLength(frames);
        return headerLength
                + switch (headerLength) {
                    case 2 -> frames.getUnsignedByte(at + 1);
                    case 4 -> frames.getUnsignedShort(at + 2);
                    default -> (int) frames.getLong(at + 2);
                };
    }

    private static long senderOf(ByteBuf frame) {
        return frame.getLongLE(frame.readerIndex() + headerLength(frame) + FrameLayout.ID_OFFSET);
    }

    private static int contentsLength(ByteBuf frame) {
        int headerLength = headerLength(frame);
        boolean isBatch =
                frame.getByte(frame.readerIndex() + headerLength) == FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM_BATCH;
        return frame.readableBytes()
                - headerLength
                - (isBatch ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET);
    }

    private void writeBatch(long nowNanos) {
        var full = batch;
        if (full == null) {
            return;
        }
        expectBatchesOf(full.writerIndex());
        countSent(batchFrames, batchContents);
        if (batchWaited) {
            measureWait(nowNanos - batchSinceNanos, batchFrames);
        } else {
            countTurn(batchFrames, batchSinceNanos);
        }
        counters.add(RelayCounter.OTHER_PACKETS_SENT, batchControls);
        forgetBatch();
        outlet.write(full);
    }

    /** Follows growth at once and shrinks by halves: one quiet turn says little. */
    private void expectBatchesOf(int size) {
        int expected = Math.max(Integer.highestOneBit(size) << 1, expectedBatchBytes / 2);
        expectedBatchBytes = Math.clamp(expected, MIN_BATCH_BYTES, QueueLimits.BATCH_BYTES);
    }

    private void dropBatch(RelayCounter reason) {
        if (batch != null) {
            batch.release();
            countDropped(reason, batchFrames);
            forgetBatch();
        }
    }

    private void forgetBatch() {
        batch = null;
        batchFrames = 0;
        batchContents = 0;
        batchControls = 0;
        batchWaited = false;
    }

    private void countSent(int frames, int contents) {
        counters.add(RelayCounter.SEND_PACKETS_SENT, frames);
        counters.add(RelayCounter.BYTES_SENT, contents);
        sentBytes += contents;
    }

    /** Takes note of datagrams that are handed on in this turn; the first that came stands for all. */
    private void countTurn(int frames, long sinceNanos) {
        if (frames > 0) {
            turnSinceNanos = turnFrames == 0 ? sinceNanos : Math.min(turnSinceNanos, sinceNanos);
            turnFrames += frames;
        }
    }

    /** Takes note that all that was handed on in this turn has been written: one entry for all of it. */
    void measureTurn(long nowNanos) {
        if (turnFrames > 0) {
            counters.observe(RelayHistogram.FORWARDING, nowNanos - turnSinceNanos, turnFrames);
            turnFrames = 0;
        }
    }

    /** Datagrams are handed on that had to wait for the receiver. */
    private void measureWait(long nanos, int frames) {
        counters.observe(RelayHistogram.QUEUE_RESIDENCE, nanos, frames);
        counters.observe(RelayHistogram.FORWARDING, nanos, frames);
    }

    private boolean canBatchControl(byte[] message) {
        return !isBacklogged() && roomInBatch(FrameHeader.length(message.length) + message.length) && outlet.isOpen();
    }

    private void appendControl(byte[] message, long nowNanos) {
        var target = openFrame(message.length, FrameHeader.length(message.length) + message.length, nowNanos);
        batchControls++;
        target.writeBytes(message);
    }

    private void addBounded(ArrayDeque<byte[]> frames, byte[] message, int limit) {
        if (frames.size() == limit) {
            frames.poll();
            counters.increment(RelayCounter.OTHER_PACKETS_DROPPED);
        }
        frames.add(message);
    }

    private void writeControl() {
        int bytes = lengthOf(control) + lengthOf(gone);
        var out = allocator.directBuffer(bytes, bytes);
        writeAll(control, out);
        writeAll(gone, out);
        control = null;
        gone = null;
        outlet.write(out);
    }

    private static int lengthOf(@Nullable ArrayDeque<byte[]> frames) {
        int bytes = 0;
        if (frames != null) {
            for (var message : frames) {
                bytes += FrameHeader.length(message.length) + message.length;
            }
        }
        return bytes;
    }

    private void writeAll(@Nullable ArrayDeque<byte[]> frames, ByteBuf out) {
        if (frames != null) {
            for (var message : frames) {
                FrameHeader.write(out, out.writerIndex(), Opcode.BINARY, message.length);
                out.writerIndex(out.writerIndex() + FrameHeader.length(message.length));
                out.writeBytes(message);
            }
            counters.add(RelayCounter.OTHER_PACKETS_SENT, frames.size());
        }
    }

    private void countDropped(RelayCounter reason, int frames) {
        counters.add(reason, frames);
        counters.add(RelayCounter.SEND_PACKETS_DROPPED, frames);
    }
}
