package io.teahouse.quic;

import io.teahouse.quic.wire.NetworkPath;
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
     * There is another path, on which nothing is known to arrive yet.
     *
     * @param pathId  its number
     * @param network the addresses at its ends
     */
    record PathOpened(long pathId, NetworkPath network) implements ConnectionEvent {}

    /**
     * A path carries: the address at its other end is the peer's.
     *
     * @param pathId its number
     */
    record PathValidated(long pathId) implements ConnectionEvent {}

    /**
     * The client now sends on a path from another address.
     *
     * @param pathId  its number
     * @param network the addresses at its ends now
     */
    record PathMoved(long pathId, NetworkPath network) implements ConnectionEvent {}

    /**
     * A path was given up; what was on its way there goes elsewhere.
     *
     * @param pathId its number
     * @param code   why: of {@link io.teahouse.quic.wire.TransportError}, or another
     * @param byPeer whether the peer was the first to say so
     */
    record PathAbandoned(long pathId, long code, boolean byPeer) implements ConnectionEvent {}

    /** A client has heard of an address of the server's, or that one is gone: a round of probes may find another path. */
    record CandidatesChanged() implements ConnectionEvent {}

    /**
     * A probe was answered: the peer can be reached there, and the client opens a path.
     *
     * @param network the addresses at its ends
     */
    record Reached(NetworkPath network) implements ConnectionEvent {}

    /**
     * The connection is over; nothing can be sent or read any more, though the peer may still be told.
     *
     * @param cause who ended it, and why
     */
    record Closed(CloseCause cause) implements ConnectionEvent {}
}
