package io.teahouse.quic;

import io.teahouse.tls.HandshakeSummary;
import io.teahouse.tls.resumption.ClientTicket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** What has happened on a connection. What concerns streams and datagrams is asked for there. */
public sealed interface ConnectionEvent {
    /**
     * The handshake is complete: the peer is who it says.
     *
     * @param summary what was agreed on
     */
    record Connected(HandshakeSummary summary) implements ConnectionEvent {}

    /** Both sides know that it is complete; servers say so at once. */
    record Confirmed() implements ConnectionEvent {}

    /** The server takes no data in 0-RTT packets; it is sent again. */
    record EarlyDataRejected() implements ConnectionEvent {}

    /**
     * A ticket for the next connection to this server.
     *
     * @param ticket to be kept
     */
    record TicketReceived(ClientTicket ticket) implements ConnectionEvent {}

    /**
     * A token for the next connection to this server, which it then lets begin without a Retry packet.
     *
     * @param token to be kept
     */
    record TokenReceived(ByteBuffer token) implements ConnectionEvent {}

    /**
     * The peer sees us at another address than before.
     *
     * @param address as it sees us
     */
    record AddressObserved(InetSocketAddress address) implements ConnectionEvent {}

    /**
     * The connection is over; nothing can be sent or read any more, though the peer may still be told.
     *
     * @param cause who ended it, and why
     */
    record Closed(CloseCause cause) implements ConnectionEvent {}
}
