package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * The request that turned an HTTP connection into one of the relay protocol.
 *
 * @param version       the version that was chosen
 * @param uri           request target as it was sent
 * @param headers       header lines of the request, in order
 * @param remoteAddress where the client is
 * @param exporter      TLS keying material of the connection
 * @param deadlineNanos until when the client has to be admitted, on the server's clock
 */
public record Upgrade(
        ProtocolVersion version,
        String uri,
        List<Map.Entry<String, String>> headers,
        InetSocketAddress remoteAddress,
        KeyMaterialExporter exporter,
        long deadlineNanos) {

    /** Copies the list. */
    public Upgrade {
        headers = List.copyOf(headers);
    }
}
