package io.teahouse.quic.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A UDP socket. Bound to {@code ::} it is for both families, and peers with IPv4 addresses have these.
 *
 * <p>On Linux, x86-64 and aarch64, it makes system calls of its own: many datagrams of a peer go and come with one call, and
 * marks and local addresses are known, where the JDK's sockets know neither. Elsewhere it is the JDK's.
 */
public sealed interface UdpTransport extends PacketTransport permits LinuxUdpTransport, ChannelUdpTransport {
    /** What {@link PacketTransport.Receiver} gets, and {@link #send} can do. */
    enum Ability {
        /** Marks of explicit congestion notification, both ways; without it, nothing is marked. */
        MARKS,
        /** Local addresses, both ways; without it, {@link io.teahouse.quic.wire.NetworkPath#local} is empty, and ignored. */
        LOCAL_ADDRESSES,
        /** Several datagrams with one call, as long as the system does not refuse it. */
        SEGMENTS
    }

    /**
     * How a socket is to be.
     *
     * @param address     to bind to; port 0 for one that is free
     * @param reusePort   whether other sockets may have the same address, if they say so, too; each gets some of the peers
     * @param bufferBytes how much the kernel is asked to keep for each direction; it may give less
     */
    record Options(InetSocketAddress address, boolean reusePort, int bufferBytes) {
        /** Some 10 ms of a network of 10 Gbit/s, doubled by the kernel for its own use; most systems allow a tenth. */
        private static final int DEFAULT_BUFFER_BYTES = 7 * 1024 * 1024;

        /**
         * {@return the usual}
         *
         * @param address to bind to; port 0 for one that is free
         */
        public static Options at(InetSocketAddress address) {
            return new Options(address, false, DEFAULT_BUFFER_BYTES);
        }
    }

    /**
     * Counts of what was not sent, for finding out why.
     *
     * @param tooLarge datagrams larger than the network takes; probes for the path's size among them
     * @param refused  datagrams that the system would not send: no route, a filter, a lack of memory
     */
    record Losses(long tooLarge, long refused) {}

    /**
     * {@return a socket of the best kind that there is here}
     *
     * @param options how it is to be
     * @throws IOException if there is no such address, or it is taken, or no file is left
     */
    static UdpTransport open(Options options) throws IOException {
        Optional<LinuxSockets> linux = LinuxSockets.get();
        return linux.isPresent() ? LinuxUdpTransport.open(linux.get(), options) : ChannelUdpTransport.open(options);
    }

    /**
     * {@return a socket of the JDK's}
     *
     * @param options how it is to be
     * @throws IOException if there is no such address, or it is taken, or no file is left
     */
    static UdpTransport openPortable(Options options) throws IOException {
        return ChannelUdpTransport.open(options);
    }

    /**
     * {@return where it is bound to}
     */
    InetSocketAddress localAddress();

    /**
     * {@return whether it can do something}
     *
     * @param ability that
     */
    boolean can(Ability ability);

    /**
     * {@return what was not sent so far}
     */
    Losses losses();

    /** As large as datagrams get; {@link #send} of a larger one is a mistake. */
    int MAX_DATAGRAM = 65_487;

    /**
     * {@return whether an address is for both families}
     *
     * @param address where a socket is bound to
     */
    static boolean isDualStack(InetAddress address) {
        return address.isAnyLocalAddress() && address.getAddress().length == 16;
    }
}
