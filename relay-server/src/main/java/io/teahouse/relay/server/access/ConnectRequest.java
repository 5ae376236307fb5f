package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A client that has proved its key and asks to be let in.
 *
 * <p>Immutable.
 *
 * @param connectionId    number of the connection, unique in this process
 * @param endpointId      the key that was proved
 * @param protocolVersion what the connection will speak
 * @param uri             request target as it was sent
 * @param query           its query parameters, decoded, in order, repeated ones kept
 * @param headers         header lines of the request, in order; names as they were sent
 * @param authToken       the token by iroh relay spec, section 3.4: of the {@code Authorization} header, else of the
 *                        query
 * @param remoteAddress   where the client is: where the connection comes from, or whom a trusted proxy names, then with port
 *                        0 if it names none
 */
public record ConnectRequest(
        long connectionId,
        EndpointId endpointId,
        ProtocolVersion protocolVersion,
        String uri,
        List<Map.Entry<String, String>> query,
        List<Map.Entry<String, String>> headers,
        Optional<String> authToken,
        InetSocketAddress remoteAddress) {

    /** Copies the lists, and the lines in them. */
    public ConnectRequest {
        query = copy(query);
        headers = copy(headers);
    }

    private static List<Map.Entry<String, String>> copy(List<Map.Entry<String, String>> lines) {
        return lines.stream().<Map.Entry<String, String>>map(Map.Entry::copyOf).toList();
    }

    /** Shows who and whence, never a header, a token or a query. */
    @Override
    public String toString() {
        return "ConnectRequest[connection %d of %s from %s]"
                .formatted(connectionId, endpointId.shortForm(), remoteAddress);
    }
}
