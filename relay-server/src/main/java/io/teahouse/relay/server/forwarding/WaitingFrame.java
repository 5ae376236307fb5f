package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A frame in a {@link Backlog}, linked with its neighbours in time and with its sender's others.
 *
 * <p>Entries are used again, since under load frames wait and leave all the time. Not thread-safe: confined to a loop.
 */
final class WaitingFrame {
    @Nullable
    ByteBuf frame;

    Backlog.@Nullable Share share;
    long sinceNanos;

    @Nullable
    WaitingFrame previous;

    @Nullable
    WaitingFrame next;

    @Nullable
    WaitingFrame nextOfSender;

    /** The entries of one event loop that are not in use. */
    static final class Spare {
        /** Entries that are kept at most, some 400 kB. */
        static final int MAX = 8192;

        private @Nullable WaitingFrame first;
        private int count;

        /** Returns an entry, all fields of which are to be set. */
        WaitingFrame take() {
            var entry = first;
            if (entry == null) {
                return new WaitingFrame();
            }
            first = entry.next;
            entry.next = null;
            count--;
            return entry;
        }

        /** Takes an entry back. */
        void give(WaitingFrame entry) {
            entry.frame = null;
            entry.share = null;
            entry.previous = null;
            entry.nextOfSender = null;
            entry.next = null;
            if (count < MAX) {
                entry.next = first;
                first = entry;
                count++;
            }
        }
    }
}
