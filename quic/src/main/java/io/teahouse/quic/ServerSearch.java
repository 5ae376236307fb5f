package io.teahouse.quic;

import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.wire.NetworkPath;
import java.util.List;

/**
 * A client that does not know at which of several addresses its server is: what it sends goes to all of them until one answers
 * (iroh QUIC spec, section 5.2).
 *
 * <p>Not thread-safe. Bounded by {@link Connection#MAX_ADDRESSES}.
 */
final class ServerSearch {
    private List<NetworkPath> addresses = List.of();
    private boolean answered;
    private boolean proven;

    /** Begins to look at these; the first one is that of the path for now. */
    void begin(List<NetworkPath> networks) {
        addresses = List.copyOf(networks);
    }

    /** Where everything goes at present, if not to one address only. */
    List<NetworkPath> addresses() {
        return answered ? List.of() : addresses;
    }

    /** Whether a datagram may come from wherever. */
    boolean isOn() {
        return !addresses.isEmpty() && !proven;
    }

    /**
     * A packet was opened. The path goes on where it came from: anybody who has seen the client's first packet can answer that,
     * but what comes in a Handshake packet is the server's.
     */
    void onAnswer(PacketType type, NetworkPath from, Path<PacketContent> path) {
        if (!isOn()) {
            return;
        }
        boolean isServers = type != PacketType.INITIAL;
        if (!answered || isServers) {
            // Our own end stays open if it was.
            var local = addresses.stream()
                    .filter(network -> network.matches(from))
                    .findFirst()
                    .flatMap(NetworkPath::local);
            path.bind(new NetworkPath(from.remote(), local));
        }
        answered = true;
        proven = isServers;
    }
}
