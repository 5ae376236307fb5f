package io.teahouse.relay.server.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Whom a limit for each source address counts as one: an IPv4 address, or an IPv6 network of 64 bits, which is the least that
 * anybody is given. Immutable.
 *
 * @param bits the address, or the network
 * @param isV4 which of the two
 */
public record SourceAddress(long bits, boolean isV4) {
    /**
     * {@return who is behind an address}
     *
     * @param address the address that a connection comes from; one that is IPv4 in IPv6 counts as IPv4
     */
    public static SourceAddress of(InetAddress address) {
        var bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address
                ? new SourceAddress(bytes.getInt() & 0xFFFF_FFFFL, true)
                : new SourceAddress(bytes.getLong(), false);
    }
}
