package io.teahouse.quic;

import io.teahouse.quic.packet.QuicVersion;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.parameter.HandshakeChecks;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * By which connection ids the two sides find each other while they shake hands, and what may still change that: a Retry
 * packet, once, and the first genuine packet of a server (RFC 9000, sections 6.2, 7.2, 7.3 and 17.2.5.2).
 *
 * <p>Not thread-safe.
 */
public final class HandshakeIds {
    private static final ByteBuffer NO_TOKEN = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Role self;
    private final ConnectionId own;
    /** Where the client's first packet went. */
    private final ConnectionId originalDestination;

    private ConnectionId destination;
    private Optional<ConnectionId> retrySource = Optional.empty();
    private ByteBuffer token = NO_TOKEN;
    /** Whether a genuine packet of the peer's was seen: then nobody can change its id any more. */
    private boolean peerSeen;

    private HandshakeIds(Role self, ConnectionId own, ConnectionId originalDestination, ConnectionId destination) {
        this.self = self;
        this.own = own;
        this.originalDestination = originalDestination;
        this.destination = destination;
    }

    /**
     * {@return the ids of a client that begins}
     *
     * @param own              what the server is to send to
     * @param firstDestination what the client sends to until it knows better: random, 8 bytes at least
     */
    public static HandshakeIds ofClient(ConnectionId own, ConnectionId firstDestination) {
        if (firstDestination.length() < ConnectionId.MIN_INITIAL_LENGTH) {
            throw new IllegalArgumentException("firstDestination: %d bytes (expected: %d at least)"
                    .formatted(firstDestination.length(), ConnectionId.MIN_INITIAL_LENGTH));
        }
        return new HandshakeIds(Role.CLIENT, own, firstDestination, firstDestination);
    }

    /**
     * {@return the ids of a server that answers}
     *
     * @param own                 what the client is to send to
     * @param clientSource        where the client's Initial packet came from
     * @param originalDestination where the client's first Initial packet went, before a Retry packet, too
     * @param retrySource         where our Retry packet came from, if there was one
     */
    public static HandshakeIds ofServer(
            ConnectionId own,
            ConnectionId clientSource,
            ConnectionId originalDestination,
            Optional<ConnectionId> retrySource) {
        var ids = new HandshakeIds(Role.SERVER, own, originalDestination, clientSource);
        ids.retrySource = retrySource;
        ids.peerSeen = true;
        return ids;
    }

    /**
     * {@return what the peer sends to}
     */
    public ConnectionId own() {
        return own;
    }

    /**
     * {@return what we send to}
     */
    public ConnectionId destination() {
        return destination;
    }

    /**
     * {@return the id from which the keys of Initial packets come}
     */
    public ConnectionId initialKeys() {
        return retrySource.orElse(originalDestination);
    }

    /**
     * {@return what a client's Initial packets have to carry; empty until a server asks for it}
     */
    public ByteBuffer token() {
        return token.duplicate();
    }

    /**
     * Takes in a token that the server gave for the next connection, before a packet was made.
     *
     * @param received as it was received, copied
     */
    public void useToken(ByteBuffer received) {
        token = ByteBuffer.allocate(received.remaining())
                .put(received.duplicate())
                .flip()
                .asReadOnlyBuffer();
    }

    /**
     * Takes in a Retry packet. If it is to be followed, Initial packets have new keys, go to another id and carry a
     * token.
     *
     * @param retry as it was received; its token is copied
     * @return whether it is to be followed: by clients, once, before anything else was heard, and only if it is genuine
     */
    public boolean onRetry(ReceivedPacket.Retry retry) {
        boolean follows = self == Role.CLIENT
                && !peerSeen
                && retrySource.isEmpty()
                && retry.destination().equals(own)
                && !retry.source().equals(destination)
                && retry.isGenuine(originalDestination);
        if (follows) {
            retrySource = Optional.of(retry.source());
            destination = retry.source();
            var received = retry.token().duplicate();
            token = ByteBuffer.allocate(received.remaining())
                    .put(received)
                    .flip()
                    .asReadOnlyBuffer();
        }
        return follows;
    }

    /**
     * Takes in a list of versions.
     *
     * @param negotiation as it was received
     * @return whether the server does not speak ours, so that the connection is over: not if something else was heard,
     *     nor if the list is not an answer to us, or has our version in it
     */
    public boolean onVersionNegotiation(ReceivedPacket.VersionNegotiation negotiation) {
        return self == Role.CLIENT
                && !peerSeen
                && retrySource.isEmpty()
                && negotiation.destination().equals(ByteBuffer.wrap(own.toBytes()))
                && negotiation.source().equals(ByteBuffer.wrap(destination.toBytes()))
                && !negotiation.versions().contains(QuicVersion.V1);
    }

    /**
     * Takes in a packet with a long header that was opened.
     *
     * @param source its source connection id
     * @return whether it is to be processed: the first one of a server says where to send from then on, and all that
     *     follow have to come from there
     */
    public boolean onGenuine(ConnectionId source) {
        if (!peerSeen) {
            peerSeen = true;
            destination = source;
        }
        return source.equals(destination);
    }

    /**
     * Breaks off if the peer has seen other ids than we have: somebody has changed packets on their way.
     *
     * @param peer what it says of itself
     * @throws TransportException if the ids in it are others, or missing
     */
    public void check(TransportParameters peer) throws TransportException {
        HandshakeChecks.requireInitialSource(peer, destination);
        if (self == Role.CLIENT) {
            HandshakeChecks.requireDestinations(peer, originalDestination, retrySource);
        }
        HandshakeChecks.requireIdsForPaths(peer, self.peer(), destination, own);
    }

    /**
     * Adds to our own parameters the ids that have to be in there.
     *
     * @param parameters ours, to be completed
     * @return the same
     */
    public TransportParameters.Builder addTo(TransportParameters.Builder parameters) {
        parameters.initialSourceId(own);
        if (self == Role.SERVER) {
            parameters.originalDestinationId(originalDestination);
            retrySource.ifPresent(parameters::retrySourceId);
        }
        return parameters;
    }
}
