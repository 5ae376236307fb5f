package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Opcode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Datagram frames that go from one event loop to receivers of others: a batch for each receiver, and a task for each loop,
 * once a turn.
 *
 * <p>Reached from {@link ForwardingLoop}; hands on to {@link ClientConnection#acceptHandover} on the receiver's loop. Not
 * thread-safe: confined to the sender's loop.
 */
final class Handovers {
    private static final int MIN_BATCH_BYTES = 4096;

    /** A batch for one receiver. */
    static final class Batch {
        final ClientConnection receiver;
        final ByteBuf buffer;

        /** When the first of its frames came, on the clock of all loops. */
        final long sinceNanos;

        int frames;
        int contents;

        Batch(ClientConnection receiver, ByteBuf buffer, long sinceNanos) {
            this.receiver = receiver;
            this.buffer = buffer;
            this.sinceNanos = sinceNanos;
        }
    }

    private final int index;
    private final LoopCounters counters;

    /** By number of the receiver's loop: what goes there at the end of the turn. */
    private final @Nullable List<Batch>[] outgoing;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Handovers(int index, int loops, LoopCounters counters) {
        this.index = index;
        this.counters = counters;
        this.outgoing = new @Nullable List[loops];
    }

    ByteBuf reserve(
            ClientConnection receiver,
            ByteBufAllocator allocator,
            int messageLength,
            int contentsLength,
            long nowNanos) {
        int headerLength = FrameHeader.length(messageLength);
        int frameLength = headerLength + messageLength;
        var batch = receiver.openHandover(index);
        if (batch == null || batch.buffer.writerIndex() + frameLength > QueueLimits.BATCH_BYTES) {
            batch = new Batch(
                    receiver,
                    allocator.directBuffer(
                            Math.max(MIN_BATCH_BYTES, frameLength), Math.max(QueueLimits.BATCH_BYTES, frameLength)),
                    nowNanos);
            outgoingTo(receiver).add(batch);
            receiver.setOpenHandover(index, batch);
        }
        batch.frames++;
        batch.contents += contentsLength;
        var buffer = batch.buffer;
        if (buffer.writableBytes() < frameLength) {
            buffer.capacity(Math.min(
                    buffer.maxCapacity(), Math.max(4 * buffer.capacity(), buffer.writerIndex() + frameLength)));
        }
        FrameHeader.write(buffer, buffer.writerIndex(), Opcode.BINARY, messageLength);
        buffer.writerIndex(buffer.writerIndex() + headerLength);
        return buffer;
    }

    void add(ClientConnection receiver, ByteBuf frame, int contentsLength, long nowNanos) {
        var batch = new Batch(receiver, frame, nowNanos);
        batch.frames = 1;
        batch.contents = contentsLength;
        outgoingTo(receiver).add(batch);
        // What comes behind it must not overtake it in the batch that was open.
        receiver.setOpenHandover(index, null);
    }

    /** Hands everything on. */
    void send() {
        for (int target = 0; target < outgoing.length; target++) {
            var batches = outgoing[target];
            if (batches == null) {
                continue;
            }
            outgoing[target] = null;
            var accepted = new ArrayList<Batch>(batches.size());
            for (var batch : batches) {
                batch.receiver.setOpenHandover(index, null);
                if (batch.receiver.allowHandover(batch.buffer.readableBytes())) {
                    accepted.add(batch);
                } else {
                    drop(batch, RelayCounter.DROPPED_QUEUE_FULL, counters);
                }
            }
            if (!accepted.isEmpty()) {
                accepted.getFirst().receiver.loop().eventLoop().execute(() -> deliver(accepted));
            }
        }
    }

    private static void deliver(List<Batch> batches) {
        for (var batch : batches) {
            batch.receiver.acceptHandover(batch);
        }
    }

    static void drop(Batch batch, RelayCounter reason, LoopCounters counters) {
        batch.buffer.release();
        counters.add(reason, batch.frames);
        counters.add(RelayCounter.SEND_PACKETS_DROPPED, batch.frames);
    }

    private List<Batch> outgoingTo(ClientConnection receiver) {
        int target = receiver.loop().index();
        var batches = outgoing[target];
        if (batches == null) {
            batches = new ArrayList<>();
            outgoing[target] = batches;
        }
        return batches;
    }
}
