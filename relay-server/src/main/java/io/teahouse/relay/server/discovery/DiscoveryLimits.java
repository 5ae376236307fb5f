package io.teahouse.relay.server.discovery;

/**
 * How much address discovery takes on.
 *
 * @param connections           how many connections there may be, 1 or more; who comes then is not answered
 * @param connectionsPerAddress how many of one IPv4 address, or one IPv6 network of 64 bits, 1 or more
 * @param retryFrom             when so many handshakes are going on, new clients have to show first that their address is
 *                              theirs, which costs them a round trip; 0 for always
 */
public record DiscoveryLimits(int connections, int connectionsPerAddress, int retryFrom) {
    /** 65,536 connections, any number of one address, proof of the address from 256 handshakes on. */
    public static final DiscoveryLimits DEFAULT = new DiscoveryLimits(65_536, Integer.MAX_VALUE, 256);

    /** Refuses what is out of range. */
    public DiscoveryLimits {
        requireAtLeast("connections", connections, 1);
        requireAtLeast("connectionsPerAddress", connectionsPerAddress, 1);
        requireAtLeast("retryFrom", retryFrom, 0);
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("%s: %d (expected: %d or more)".formatted(name, value, least));
        }
    }
}
