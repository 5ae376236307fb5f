package io.teahouse.endpoint.netreport;

import java.net.InetSocketAddress;

/**
 * Whom to ask for our address: a relay, at one of its addresses. A relay with IPv4 and IPv6 is asked twice, since it sees
 * another address each time.
 *
 * @param serverName the host of the relay's URL, for which its certificate has to be: a DNS name, or an address in text form
 * @param address    resolved
 */
public record DiscoveryTarget(String serverName, InetSocketAddress address) {
    /** Where relays are asked that say nothing else: UDP. */
    public static final int DEFAULT_PORT = 7842;

    /** Refuses an address that is only a name. */
    public DiscoveryTarget {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address: %s (expected: resolved)".formatted(address));
        }
    }

    @Override
    public String toString() {
        return "%s at %s".formatted(serverName, address);
    }
}
