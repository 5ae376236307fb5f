package io.teahouse.quic.wire;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * Between which addresses a datagram travels, seen from here.
 *
 * <p>What is answered has to leave from the address that was written to, or it does not get through the NAT that has let
 * the question in. So that address is a part of what a path is.
 *
 * @param remote the other end; what kind of address that is, UDP or a relay, means nothing to QUIC
 * @param local  our end: where a received datagram went, or from where one is to be sent; empty if that does not matter, or
 *               is left to the system, or was not told
 */
public record NetworkPath(SocketAddress remote, Optional<InetAddress> local) {
    /**
     * {@return a path to an address, from wherever the system chooses}
     *
     * @param remote the other end
     */
    public static NetworkPath to(SocketAddress remote) {
        return new NetworkPath(remote, Optional.empty());
    }

    /**
     * {@return whether it may be the same path as another: our end counts only where both know it}
     *
     * @param other a path
     */
    public boolean matches(NetworkPath other) {
        return remote.equals(other.remote) && (local.isEmpty() || other.local.isEmpty() || local.equals(other.local));
    }
}
