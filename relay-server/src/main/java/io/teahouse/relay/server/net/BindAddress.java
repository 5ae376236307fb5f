package io.teahouse.relay.server.net;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/** Where something listens: what is wrong with an address before the kernel is asked, and how it is told. */
public final class BindAddress {
    private static final System.Logger LOG = System.getLogger(BindAddress.class.getName());

    private BindAddress() {}

    /**
     * {@return the address, or the one for all IPv4 addresses where all were meant and the machine has no IPv6}
     *
     * @param address where something is to listen
     * @throws IOException when there is no such host
     */
    public static InetSocketAddress usable(InetSocketAddress address) throws IOException {
        var ip = address.getAddress();
        if (ip == null) {
            throw new IOException("Failed to bind server socket to %s: unknown host".formatted(address));
        }
        if (ip.isAnyLocalAddress() && !(ip instanceof Inet4Address) && !hasIpv6()) {
            LOG.log(System.Logger.Level.INFO, "listener: this machine has no IPv6, IPv4 alone is used");
            return new InetSocketAddress(InetAddress.getByAddress(new byte[4]), address.getPort());
        }
        return address;
    }

    private static boolean hasIpv6() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(ip -> !(ip instanceof Inet4Address));
    }

    /**
     * {@return an address as operators write it}
     *
     * @param address an IP address and a port
     */
    public static String text(InetSocketAddress address) {
        var ip = address.getAddress();
        return ip instanceof Inet4Address
                ? ip.getHostAddress() + ":" + address.getPort()
                : "[" + ip.getHostAddress() + "]:" + address.getPort();
    }
}
