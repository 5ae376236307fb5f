package io.teahouse.relay.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.Datagrams;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is to send: any number of threads put datagrams in, each copied once, masked, into a batch; the event
 * loop takes whole batches out, so that many frames leave in one write and in full TLS records.
 *
 * <p>Bounded by {@link #MAX_FRAMES} and {@link #MAX_BYTES}; what has waited for longer than {@link #MAX_AGE_NANOS} when the
 * network takes something again is of no use to anybody and dropped. Safe for use by many threads.
 */
final class SendQueue implements AutoCloseable {
    /** Frames that may wait. */
    static final int MAX_FRAMES = 512;

    /** Bytes that may wait, headers included: 1 MiB. */
    static final int MAX_BYTES = 1 << 20;

    /** How long a frame may wait: 2 s. */
    static final long MAX_AGE_NANOS = 2_000_000_000L;

    /** Batches are filled up to this, which is what a TLS record holds; a larger frame is a batch of its own. */
    static final int BATCH_BYTES = 16 * 1024;

    /** What became of datagrams that were to be sent. */
    enum Offer {
        TAKEN,
        /** Taken, and nobody has been told yet that there is something to take out. */
        TAKEN_FIRST,
        FULL,
        CLOSED
    }

    /** Frames that leave together. */
    private static final class Batch {
        final ByteBuf bytes;
        final long sinceNanos;
        int frames;

        Batch(ByteBuf bytes, long sinceNanos) {
            this.bytes = bytes;
            this.sinceNanos = sinceNanos;
        }
    }

    private final ByteBufAllocator allocator;
    private final MaskKeys masks;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private int frames;
    private int bytes;
    private boolean announced;
    private boolean closed;
    private long sentFrames;
    private long droppedTooOld;
    private long droppedAtEnd;

    SendQueue(ByteBufAllocator allocator, MaskKeys masks) {
        this.allocator = allocator;
        this.masks = masks;
    }

    /** Puts datagrams in, which are deliverable, if there is room. */
    synchronized Offer offer(EndpointId destination, Datagrams datagrams, long nowNanos) {
        if (closed) {
            return Offer.CLOSED;
        }
        int length = ClientFrames.datagramsLength(datagrams);
        if (frames >= MAX_FRAMES || bytes + length > MAX_BYTES) {
            return Offer.FULL;
        }
        var batch = batches.peekLast();
        if (batch == null || batch.bytes.readableBytes() + length > BATCH_BYTES) {
            batch = new Batch(allocator.buffer(length, Math.max(length, BATCH_BYTES)), nowNanos);
            batches.add(batch);
        }
        batch.bytes.ensureWritable(length);
        ClientFrames.writeDatagrams(batch.bytes, destination, datagrams, masks.next());
        batch.frames++;
        frames++;
        bytes += length;
        if (announced) {
            return Offer.TAKEN;
        }
        announced = true;
        return Offer.TAKEN_FIRST;
    }

    /** Waits until there is room, or the queue is closed. */
    synchronized void awaitRoom(Datagrams datagrams) throws InterruptedException {
        int length = ClientFrames.datagramsLength(datagrams);
        while (!closed && (frames >= MAX_FRAMES || bytes + length > MAX_BYTES)) {
            wait();
        }
    }

    /** Takes the next batch out, which belongs to the caller; null if there is none, and then the next offer tells. */
    synchronized @Nullable ByteBuf take(long nowNanos) {
        while (true) {
            var batch = batches.poll();
            if (batch == null) {
                announced = false;
                return null;
            }
            frames -= batch.frames;
            bytes -= batch.bytes.readableBytes();
            notifyAll();
            if (nowNanos - batch.sinceNanos <= MAX_AGE_NANOS) {
                sentFrames += batch.frames;
                return batch.bytes;
            }
            droppedTooOld += batch.frames;
            batch.bytes.release();
        }
    }

    /** Returns the frames that were taken out to be sent. */
    synchronized long sentFrames() {
        return sentFrames;
    }

    /** Returns the frames that were dropped for a reason. */
    synchronized long dropped(DropReason reason) {
        return switch (reason) {
            case TOO_OLD -> droppedTooOld;
            case CONNECTION_ENDED -> droppedAtEnd;
            case INBOX_FULL, RECEIVED_EMPTY -> 0;
        };
    }

    /** Drops what waits and takes no more. */
    @Override
    public synchronized void close() {
        closed = true;
        for (var batch : batches) {
            droppedAtEnd += batch.frames;
            batch.bytes.release();
        }
        batches.clear();
        frames = 0;
        bytes = 0;
        notifyAll();
    }
}
