package io.teahouse.quic.stream;

import io.teahouse.quic.wire.Role;
import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the two sides of a connection's streams share, {@link Streams} towards the peer and {@link ApplicationStreams}
 * towards the application: the streams, what may be sent and received on all together, and what has changed.
 *
 * <p>Not thread-safe.
 */
final class StreamBook {
    final StreamTable table;
    final ReceiveWindow window;
    final SendCredit credit = new SendCredit(0);
    final SendOrder order = new SendOrder();
    final PendingFrames pending;

    /** Streams on which something came, each once. */
    private final Set<Long> readable = new LinkedHashSet<>();

    /** Streams that have room, or of which the peer wants no more, each once. */
    private final Set<Long> writable = new LinkedHashSet<>();

    StreamBook(Role self, StreamLimits limits) {
        table = new StreamTable(self, limits);
        window = new ReceiveWindow(limits.connectionWindow());
        pending = new PendingFrames(table, window);
    }

    void markReadable(long id) {
        readable.add(id);
    }

    void markWritable(long id) {
        writable.add(id);
    }

    OptionalLong pollReadable() {
        return StreamTable.takeFirst(readable);
    }

    OptionalLong pollWritable() {
        return StreamTable.takeFirst(writable);
    }

    /** To be called whenever something was received, read, or is not wanted. */
    void afterReceiving(Stream stream, ReceivingPart part) {
        window.onConsumed(part.pollConsumed());
        pending.noteWindows(stream.id(), part);
        removeIfOver(stream);
    }

    void removeIfOver(Stream stream) {
        if (table.removeIfOver(stream)) {
            long id = stream.id();
            order.remove(id);
            readable.remove(id);
            writable.remove(id);
            pending.remove(id);
            pending.noteCounts();
        }
    }

    /** To be called when a stream may have something to send that had not. */
    void reconsider(long id, SendingPart part) {
        if (table.isAllowed(id) && part.hasSomethingToSend(credit.available())) {
            order.add(id);
        }
    }

    void reconsiderAll() {
        for (Stream stream : table.all()) {
            stream.sending().ifPresent(part -> reconsider(stream.id(), part));
        }
    }
}
