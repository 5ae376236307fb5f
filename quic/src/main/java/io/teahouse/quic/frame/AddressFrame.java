package io.teahouse.quic.frame;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where somebody can be reached: address discovery and NAT traversal (iroh QUIC spec, sections 3.1 and 4.1).
 *
 * <p>Addresses are resolved, and have neither host name nor scope. An IPv6 address that only wraps an IPv4 one becomes
 * that one: peers do send it, and should not be sent it.
 */
public sealed interface AddressFrame extends Frame {

    /**
     * From which address the receiver's packets on this path come.
     *
     * @param sequence counts the reports of the sender; the receiver keeps the highest
     * @param address  as the sender sees it
     */
    record ObservedAddress(long sequence, InetSocketAddress address) implements AddressFrame {
        /** Makes the address one that can be sent. */
        public ObservedAddress {
            address = canonical(address);
        }

        @Override
        public FrameType type() {
            return FrameType.OBSERVED_ADDRESS;
        }
    }

    /**
     * An address at which the server may be reached.
     *
     * @param sequence names the address in {@link RemoveAddress}
     * @param address  of the server
     */
    record AddAddress(long sequence, InetSocketAddress address) implements AddressFrame {
        /** Makes the address one that can be sent. */
        public AddAddress {
            address = canonical(address);
        }

        @Override
        public FrameType type() {
            return FrameType.ADD_ADDRESS;
        }
    }

    /**
     * An address at which the client may be reached, for the server to probe.
     *
     * @param round   counts the attempts of the client
     * @param address of the client
     */
    record ReachOut(long round, InetSocketAddress address) implements AddressFrame {
        /** Makes the address one that can be sent. */
        public ReachOut {
            address = canonical(address);
        }

        @Override
        public FrameType type() {
            return FrameType.REACH_OUT;
        }
    }

    /**
     * An address at which the server is no longer reached.
     *
     * @param sequence that of the {@link AddAddress} which is taken back
     */
    record RemoveAddress(long sequence) implements AddressFrame {
        @Override
        public FrameType type() {
            return FrameType.REMOVE_ADDRESS;
        }
    }

    private static InetSocketAddress canonical(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new IllegalArgumentException("address: %s (expected: resolved)".formatted(address));
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip.getAddress()), address.getPort());
        } catch (UnknownHostException e) {
            throw new AssertionError("thrown for a wrong length only", e);
        }
    }
}
