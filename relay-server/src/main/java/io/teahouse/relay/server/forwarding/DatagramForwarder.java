package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.websocket.FrameHeader;
import io.teahouse.relay.websocket.Masking;
import io.teahouse.relay.websocket.Opcode;
import io.teahouse.relay.websocket.WebSocketReader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the datagrams of one client: finds whom they are for, in the client's {@link Realm}, and puts them into that
 * client's batch.
 *
 * <p>Reached from {@link ClientConnection}'s reading half, on the sender's loop; hands on to the receiver's {@link
 * SendQueue}, or through {@link ForwardingLoop} to the loop of the receiver. This is the fast path. The frame that leaves
 * has the layout of the one that came: the type and the id are written anew, the ECN byte keeps two bits, and the rest is
 * unmasked on its way into the batch, in the one pass over the bytes that there is. A frame that came in pieces lies
 * unmasked in a buffer of its own already; if it is large, that buffer goes on as it is. Never waits, never writes to a
 * socket: a slow receiver costs itself datagrams, not the sender time.
 */
final class DatagramForwarder {
    private final ForwardingLoop loop;
    private final LoopCounters counters;
    private final TenantLoop tenant;
    private final Realm realm;
    private final ByteBufAllocator allocator;

    /** Contents of all datagrams that came. */
    private long receivedBytes;

    /** Made with the first datagram: many clients only wait to be reached. */
    private @Nullable SentTo sentTo;

    // The sender's id as four little-endian words, ready to be written.
    private final long source0;
    private final long source1;
    private final long source2;
    private final long source3;

    // The destination of the last datagram, likewise: most go where the one before went.
    private long last0;
    private long last1;
    private long last2;
    private long last3;
    private @Nullable RegisteredEndpoint last;

    /** The destination that was noted last in {@link #sentTo}. */
    private @Nullable RegisteredEndpoint noted;

    DatagramForwarder(EndpointId source, ForwardingLoop loop, Tenant tenant, ByteBufAllocator allocator) {
        this.loop = loop;
        this.counters = loop.counters();
        this.tenant = tenant.on(loop);
        this.realm = tenant.realm();
        this.allocator = allocator;
        this.source0 = Long.reverseBytes(source.word(0));
        this.source1 = Long.reverseBytes(source.word(1));
        this.source2 = Long.reverseBytes(source.word(2));
        this.source3 = Long.reverseBytes(source.word(3));
    }

    /** Returns how many bytes of datagrams came. Any thread; may be some moments old. */
    long receivedBytes() {
        return receivedBytes;
    }

    /** Returns whom this client has sent to. */
    Set<RegisteredEndpoint> sentTo() {
        return sentTo == null ? Set.of() : sentTo.all();
    }

    /**
     * Forwards the message that a reader has found, if it is a datagram frame as every client writes it. Returns false,
     * and has done nothing, if it is anything else: another frame, a type in one of its longer forms, or a frame that is
     * not valid.
     */
    boolean forward(WebSocketReader message, long nowNanos) {
        int length = message.length();
        if (length < FrameLayout.DATAGRAM_CONTENTS_OFFSET || length > 1 + FrameLayout.MAX_PAYLOAD) {
            return false;
        }
        var in = message.source();
        int index = message.index();
        int mask = message.mask();
        int type = (in.getByte(index) ^ mask) & 0xFF;
        boolean batch = type == FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM_BATCH;
        if (batch ? length < FrameLayout.BATCH_CONTENTS_OFFSET : type != FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM) {
            return false;
        }
        int idMask = Masking.rotate(mask, FrameLayout.ID_OFFSET);
        long wide = (Integer.toUnsignedLong(idMask) << 32) | Integer.toUnsignedLong(idMask);
        int idIndex = index + FrameLayout.ID_OFFSET;
        long id0 = in.getLongLE(idIndex) ^ wide;
        long id1 = in.getLongLE(idIndex + 8) ^ wide;
        long id2 = in.getLongLE(idIndex + 16) ^ wide;
        long id3 = in.getLongLE(idIndex + 24) ^ wide;
        var destination = last;
        if (destination == null || id0 != last0 || id1 != last1 || id2 != last2 || id3 != last3) {
            destination = find(id0, id1, id2, id3);
        }
        var receiver = destination == null ? null : destination.active;
        if (receiver == null && destination != null) {
            // It has ended; but its client may have come back, as another endpoint of the same id.
            destination = find(id0, id1, id2, id3);
            receiver = destination == null ? null : destination.active;
        }
        if (receiver == null && !isValid(id0, id1, id2, id3)) {
            return false;
        }
        int contentsOffset = batch ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET;
        countReceived(length - contentsOffset);
        if (destination == null || receiver == null) {
            last = null;
            countDropped(RelayCounter.DROPPED_NOT_CONNECTED);
            return true;
        }
        forward(message, in, index, length, mask, contentsOffset, destination, receiver, nowNanos);
        return true;
    }

    /** Forwards a frame that came in an unusual form. */
    void forward(RelayFrame.SendDatagrams frame, long nowNanos) {
        var datagrams = frame.datagrams();
        var contents = datagrams.contents();
        int contentsLength = contents.remaining();
        countReceived(contentsLength);
        var endpoint = realm.find(frame.destination());
        var receiver = endpoint == null ? null : endpoint.active;
        if (endpoint == null || receiver == null) {
            countDropped(RelayCounter.DROPPED_NOT_CONNECTED);
            return;
        }
        boolean batch = datagrams.isBatch();
        int messageLength =
                contentsLength + (batch ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET);
        if (!canDeliver(contentsLength, messageLength)) {
            return;
        }
        note(endpoint);
        var out = reserve(receiver, messageLength, contentsLength, nowNanos);
        if (out == null) {
            return;
        }
        int at = out.writerIndex();
        writeHead(out, at, batch, datagrams.ecn());
        if (batch) {
            out.setShort(at + FrameLayout.SEGMENT_SIZE_OFFSET, datagrams.segmentSize());
        }
        out.setBytes(at + messageLength - contentsLength, contents.duplicate());
        out.writerIndex(at + messageLength);
    }

    private void forward(
            WebSocketReader message,
            ByteBuf in,
            int index,
            int length,
            int mask,
            int contentsOffset,
            RegisteredEndpoint destination,
            ClientConnection receiver,
            long nowNanos) {
        int contentsLength = length - contentsOffset;
        int ecn = in.getByte(index + FrameLayout.ECN_OFFSET) ^ (mask >>> 8);
        int segmentSize = 0;
        if (contentsOffset == FrameLayout.BATCH_CONTENTS_OFFSET) {
            int high = in.getByte(index + FrameLayout.SEGMENT_SIZE_OFFSET) ^ (mask >>> 16);
            int low = in.getByte(index + FrameLayout.SEGMENT_SIZE_OFFSET + 1) ^ (mask >>> 24);
            segmentSize = ((high & 0xFF) << 8) | (low & 0xFF);
        }
        // A batch with segments of no size is a single datagram, and leaves as one.
        boolean batch = segmentSize != 0;
        int headLength = batch ? FrameLayout.BATCH_CONTENTS_OFFSET : FrameLayout.DATAGRAM_CONTENTS_OFFSET;
        int messageLength = headLength + contentsLength;
        if (!canDeliver(contentsLength, messageLength)) {
            return;
        }
        note(destination);
        if (message.isAssembled() && messageLength >= QueueLimits.LARGE_FRAME) {
            int start = index + length - messageLength;
            writeHead(in, start, batch, ecn);
            handOver(receiver, in.retain(), start, messageLength, contentsLength, nowNanos);
            return;
        }
        var out = reserve(receiver, messageLength, contentsLength, nowNanos);
        if (out == null) {
            return;
        }
        int at = out.writerIndex();
        writeHead(out, at, batch, ecn);
        if (batch) {
            out.setShort(at + FrameLayout.SEGMENT_SIZE_OFFSET, segmentSize);
        }
        Masking.copy(
                in, index + contentsOffset, out, at + headLength, contentsLength, Masking.rotate(mask, contentsOffset));
        out.writerIndex(at + messageLength);
    }

    /** Passes on a buffer that holds a message, with room for a WebSocket header before it. */
    private void handOver(
            ClientConnection receiver, ByteBuf frame, int start, int messageLength, int contentsLength, long nowNanos) {
        int headerLength = FrameHeader.length(messageLength);
        FrameHeader.write(frame, start - headerLength, Opcode.BINARY, messageLength);
        frame.setIndex(start - headerLength, start + messageLength);
        if (receiver.loop() == loop) {
            receiver.queue().add(source0, frame, nowNanos);
            receiver.flushSoon();
        } else {
            loop.handOver(receiver, frame, contentsLength, nowNanos);
        }
    }

    /** Makes room for a frame at its receiver; returns null if the receiver has gone. */
    private @Nullable ByteBuf reserve(ClientConnection receiver, int messageLength, int contentsLength, long nowNanos) {
        if (receiver.loop() != loop) {
            return loop.reserveHandover(receiver, allocator, messageLength, contentsLength, nowNanos);
        }
        if (receiver.isOver()) {
            countDropped(RelayCounter.DROPPED_RECEIVER_GONE);
            return null;
        }
        receiver.flushSoon();
        return receiver.queue().reserve(source0, messageLength, contentsLength, nowNanos);
    }

    private void note(RegisteredEndpoint destination) {
        if (destination != noted) {
            noted = destination;
            if (sentTo == null) {
                sentTo = new SentTo();
            }
            sentTo.add(destination);
        }
    }

    private void writeHead(ByteBuf out, int at, boolean batch, int ecn) {
        out.setByte(
                at,
                batch ? FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM_BATCH : FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM);
        int id = at + FrameLayout.ID_OFFSET;
        out.setLongLE(id, source0);
        out.setLongLE(id + 8, source1);
        out.setLongLE(id + 16, source2);
        out.setLongLE(id + 24, source3);
        out.setByte(at + FrameLayout.ECN_OFFSET, ecn & FrameLayout.ECN_MASK);
    }

    /**
     * Counts and refuses what no receiver could be sent. At the reference such a datagram is taken, and then ends the
     * connection of its receiver (iroh relay spec, section 4.4).
     */
    private boolean canDeliver(int contentsLength, int messageLength) {
        if (contentsLength == 0) {
            countDropped(RelayCounter.DROPPED_EMPTY);
            return false;
        }
        if (messageLength > FrameLayout.MAX_MESSAGE_TO_SEND) {
            countDropped(RelayCounter.DROPPED_TOO_LARGE);
            return false;
        }
        return true;
    }

    private void countDropped(RelayCounter reason) {
        loop.countDropped(reason, 1);
        tenant.countDropped(1);
    }

    private void countReceived(int contentsLength) {
        counters.increment(RelayCounter.SEND_PACKETS_RECV);
        counters.add(RelayCounter.BYTES_RECV, contentsLength);
        receivedBytes += contentsLength;
    }

    /** Finds the endpoint of an id, given as little-endian words, and takes note of it as the last one. */
    private @Nullable RegisteredEndpoint find(long id0, long id1, long id2, long id3) {
        long word0 = Long.reverseBytes(id0);
        long word1 = Long.reverseBytes(id1);
        long word2 = Long.reverseBytes(id2);
        long word3 = Long.reverseBytes(id3);
        var found = loop.endpoints().connected(realm, word0, word1, word2, word3);
        if (found == null) {
            found = realm.find(EndpointId.fromWords(word0, word1, word2, word3));
            if (found == null) {
                return null;
            }
            loop.endpoints().remember(found);
        }
        last = found;
        last0 = id0;
        last1 = id1;
        last2 = id2;
        last3 = id3;
        return found;
    }

    private boolean isValid(long id0, long id1, long id2, long id3) {
        return loop.endpoints()
                .isValid(
                        Long.reverseBytes(id0), Long.reverseBytes(id1), Long.reverseBytes(id2), Long.reverseBytes(id3));
    }
}
