package io.teahouse.quic.io;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What carries datagrams: a socket, or several ways together.
 *
 * <p>Belongs to one thread, which receives, sends and waits; only {@link #wakeUp} is for others. Datagrams that cannot be
 * sent are lost, as they could be in the network: an {@link IOException} means that nothing works any more.
 */
public interface PacketTransport extends Closeable {
    /** Takes a datagram in. */
    @FunctionalInterface
    interface Receiver {
        /**
         * Takes a datagram in.
         *
         * @param datagram backed by an array, which may be changed; the buffer is used again once this returns
         * @param path     from whom, and to which of our addresses if that is known
         * @param mark     how it was marked
         */
        void onDatagram(ByteBuffer datagram, NetworkPath path, Ecn mark);
    }

    /**
     * Gives on what has arrived, up to a batch of it. Waits for the first datagram, for {@link #wakeUp}, or, if sending was
     * not possible, for that it is.
     *
     * @param receiver  gets each datagram
     * @param waitNanos how long to wait at most; 0 for not at all, {@link Long#MAX_VALUE} for ever
     * @return how many datagrams that were; 0 if it waited for nothing
     * @throws IOException if the socket is beyond use
     */
    int receive(Receiver receiver, long waitNanos) throws IOException;

    /**
     * {@return whether {@link #send} takes more; if not, {@link #receive} waits for it}
     */
    boolean canSend();

    /**
     * Sends a datagram, at the latest with the next {@link #flush}: those in a row that go the same way go together.
     *
     * @param datagram copied
     * @param path     to whom, and from which of our addresses
     * @param mark     how it is to be marked
     * @throws IOException if the socket is beyond use
     */
    void send(ByteBuffer datagram, NetworkPath path, Ecn mark) throws IOException;

    /**
     * Lets go what waits to be sent.
     *
     * @throws IOException if the socket is beyond use
     */
    void flush() throws IOException;

    /** Ends the current wait in {@link #receive}, or else the next one. For every thread. */
    void wakeUp();
}
