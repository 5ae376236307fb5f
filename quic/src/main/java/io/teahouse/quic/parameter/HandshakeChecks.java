package io.teahouse.quic.parameter;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.List;
import java.util.Optional;

/**
 * Compares what a peer says of itself with what was seen of it, and with what it said the last time.
 *
 * <p>Packets before the handshake's end are not proof against being changed; that the parameters, which TLS protects,
 * name the same connection ids shows that nobody has changed them (RFC 9000, section 7.3).
 */
public final class HandshakeChecks {
    /** What a client that sends early may count on (RFC 9000, section 7.4.1; RFC 9221, section 3). */
    private static final List<IntegerParameter> REMEMBERED = List.of(
            IntegerParameter.INITIAL_MAX_DATA,
            IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL,
            IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE,
            IntegerParameter.INITIAL_MAX_STREAM_DATA_UNI,
            IntegerParameter.INITIAL_MAX_STREAMS_BIDI,
            IntegerParameter.INITIAL_MAX_STREAMS_UNI,
            IntegerParameter.ACTIVE_CONNECTION_ID_LIMIT,
            IntegerParameter.MAX_DATAGRAM_FRAME_SIZE);

    private HandshakeChecks() {}

    /**
     * Breaks off if the peer's Initial packets came from another id than it says.
     *
     * @param peer   what the peer says
     * @param source the source connection id of its first Initial packet
     * @throws TransportException if it is another, or missing
     */
    public static void requireInitialSource(TransportParameters peer, ConnectionId source) throws TransportException {
        requireSame("initial_source_connection_id", peer.initialSourceId(), Optional.of(source));
    }

    /**
     * Breaks off if a server has seen other connection ids than its client.
     *
     * @param server              what the server says
     * @param originalDestination the destination connection id of the client's first packet
     * @param retrySource         the source connection id of the server's Retry packet, if there was one
     * @throws TransportException if they differ, or are missing
     */
    public static void requireDestinations(
            TransportParameters server, ConnectionId originalDestination, Optional<ConnectionId> retrySource)
            throws TransportException {
        requireSame(
                "original_destination_connection_id", server.originalDestinationId(), Optional.of(originalDestination));
        requireSame("retry_source_connection_id", server.retrySourceId(), retrySource);
    }

    /**
     * Breaks off if a peer wants several paths without connection ids, by which they are told apart.
     *
     * @param sender     what one side says
     * @param role       which side that is
     * @param ownIds     an id that this side has given out
     * @param peersIds   an id that the other side has given out
     * @throws TransportException if one of them is empty, although several paths are wanted
     */
    public static void requireIdsForPaths(
            TransportParameters sender, Role role, ConnectionId ownIds, ConnectionId peersIds)
            throws TransportException {
        boolean idsMissing = ownIds.length() == 0 || peersIds.length() == 0;
        if (sender.initialMaxPathId().isPresent() && idsMissing) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    "initial_max_path_id of the %s: with connection ids of 0 bytes (expected: 1 at least)"
                            .formatted(role));
        }
    }

    /**
     * Breaks off if a server that takes early data allows less than it did before, on which the data was sent.
     *
     * @param now        what the server says
     * @param remembered what it said when the ticket was made
     * @throws TransportException if something has become less
     */
    public static void requireNotLess(TransportParameters now, TransportParameters remembered)
            throws TransportException {
        for (IntegerParameter parameter : REMEMBERED) {
            if (now.get(parameter) < remembered.get(parameter)) {
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION,
                        "%s: %d (expected: %d at least, as remembered)"
                                .formatted(parameter, now.get(parameter), remembered.get(parameter)));
            }
        }
    }

    private static void requireSame(String name, Optional<ConnectionId> said, Optional<ConnectionId> seen)
            throws TransportException {
        if (!said.equals(seen)) {
            throw new TransportException(
                    TransportError.TRANSPORT_PARAMETER_ERROR,
                    "%s: %s (expected: %s, as seen)".formatted(name, text(said), text(seen)));
        }
    }

    private static String text(Optional<ConnectionId> id) {
        return id.map(ConnectionId::toString).orElse("absent");
    }
}
