package io.teahouse.core;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * One way to reach an endpoint.
 *
 * <p>Ordered by kind, {@link Relay} before {@link Ip} before {@link Custom}, and then by content. Immutable.
 */
public sealed interface TransportAddress extends Comparable<TransportAddress> {
    @Override
    default int compareTo(TransportAddress other) {
        return switch (this) {
            case Relay(var url) -> other instanceof Relay(var otherUrl) ? url.compareTo(otherUrl) : -1;
            case Ip ip ->
                switch (other) {
                    case Relay _ -> 1;
                    case Ip otherIp -> ip.compareContent(otherIp);
                    case Custom _ -> -1;
                };
            case Custom custom -> other instanceof Custom otherCustom ? custom.compareContent(otherCustom) : 1;
        };
    }

    /**
     * Through a relay.
     *
     * @param url the relay
     */
    record Relay(RelayUrl url) implements TransportAddress {
        /**
         * {@return {@code relay:} and the URL}
         */
        @Override
        public String toString() {
            return "relay:" + url;
        }
    }

    /**
     * By UDP to an address: IPv4 before IPv6, then the address's bytes, then the port.
     *
     * @param socketAddress without a host name, and without an IPv6 scope, which means nothing to others
     */
    record Ip(InetSocketAddress socketAddress) implements TransportAddress {
        /**
         * Creates an address, without its host name and scope.
         *
         * @param socketAddress resolved
         */
        public Ip {
            InetAddress address = socketAddress.getAddress();
            if (address == null) {
                throw new IllegalArgumentException("socketAddress: %s (expected: resolved)".formatted(socketAddress));
            }
            socketAddress = new InetSocketAddress(bare(address), socketAddress.getPort());
        }

        private static InetAddress bare(InetAddress address) {
            try {
                // Not the general method for IPv6: that one turns IPv4-mapped addresses into IPv4.
                return address instanceof Inet6Address
                        ? Inet6Address.getByAddress(null, address.getAddress(), -1)
                        : InetAddress.getByAddress(address.getAddress());
            } catch (UnknownHostException e) {
                throw new AssertionError("thrown for a wrong length only", e);
            }
        }

        private int compareContent(Ip other) {
            byte[] address = socketAddress.getAddress().getAddress();
            byte[] otherAddress = other.socketAddress.getAddress().getAddress();
            int compared = Integer.compare(address.length, otherAddress.length);
            if (compared == 0) {
                compared = Arrays.compareUnsigned(address, otherAddress);
            }
            return compared != 0 ? compared : Integer.compare(socketAddress.getPort(), other.socketAddress.getPort());
        }

        /**
         * {@return {@code ip:}, the address, IPv6 compressed and in brackets, a colon and the port}
         */
        @Override
        public String toString() {
            InetAddress address = socketAddress.getAddress();
            String host = address instanceof Inet4Address
                    ? address.getHostAddress()
                    : '[' + Ipv6Text.format(address.getAddress()) + ']';
            return "ip:" + host + ':' + socketAddress.getPort();
        }
    }

    /** By a transport that is neither, known by a number: ordered by the number, unsigned, then by the data. */
    final class Custom implements TransportAddress {
        private final long transportId;
        private final byte[] data;

        /**
         * Creates an address.
         *
         * @param transportId names the transport; unsigned
         * @param data        what the transport makes of it, copied; may be empty
         */
        public Custom(long transportId, byte[] data) {
            this.transportId = transportId;
            this.data = data.clone();
        }

        /**
         * {@return the transport's number, unsigned}
         */
        public long transportId() {
            return transportId;
        }

        /**
         * {@return the address in the transport's own form, a copy}
         */
        public byte[] data() {
            return data.clone();
        }

        private int compareContent(Custom other) {
            int compared = Long.compareUnsigned(transportId, other.transportId);
            return compared != 0 ? compared : Arrays.compareUnsigned(data, other.data);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Custom that && compareContent(that) == 0;
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(transportId) + Arrays.hashCode(data);
        }

        /**
         * {@return {@code custom:}, the number in hex without leading zeros, an underscore, and the data in hex}
         */
        @Override
        public String toString() {
            return "custom:" + Long.toHexString(transportId) + '_'
                    + HexFormat.of().formatHex(data);
        }
    }
}
