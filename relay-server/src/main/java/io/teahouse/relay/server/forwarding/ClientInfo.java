package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * What can be told of a connected client. Figures are of about the same moment.
 *
 * @param id            the endpoint
 * @param connectionId  number of the connection, unique in the process
 * @param active        whether it receives, and was not displaced by a newer connection of the same endpoint
 * @param address       where the client is, as access control was told
 * @param version       what it speaks
 * @param project       whose it is, if that is known
 * @param since         when it was admitted
 * @param receivedBytes bytes of datagrams that came from it
 * @param sentBytes     bytes of datagrams that were handed on to it
 * @param queuedFrames  datagram frames that wait for it to take them
 * @param queuedBytes   their bytes
 */
public record ClientInfo(
        EndpointId id,
        long connectionId,
        boolean active,
        InetSocketAddress address,
        ProtocolVersion version,
        Optional<String> project,
        Instant since,
        long receivedBytes,
        long sentBytes,
        int queuedFrames,
        int queuedBytes) {}
