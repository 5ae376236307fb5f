package io.teahouse.relay.server.admin;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a relay is.
 *
 * @param version         of the program
 * @param uptime          since it was started
 * @param whyNotReady     why clients should go elsewhere, if they should
 * @param listeners       where it listens
 * @param clients         endpoints that are connected
 * @param connections     open connections of all listeners
 * @param forwardingLoops event loops that carry datagrams
 * @param handshakeLoops  event loops on which connections begin
 */
public record RelayStatus(
        String version,
        Duration uptime,
        Optional<String> whyNotReady,
        List<Listening> listeners,
        int clients,
        long connections,
        int forwardingLoops,
        int handshakeLoops) {
    /** Copies the list. */
    public RelayStatus {
        listeners = List.copyOf(listeners);
    }

    /**
     * One listener.
     *
     * @param name    what it is for
     * @param address where it is, with its real port
     */
    public record Listening(String name, InetSocketAddress address) {}
}
