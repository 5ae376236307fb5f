package io.teahouse.quic.io;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/** A socket of the JDK's: one call for each datagram, no marks, no local addresses. */
final class ChannelUdpTransport implements UdpTransport {
    /** Datagrams that one {@link #receive} gives on at most, so that whoever calls it gets to do other things. */
    private static final int BATCH = 64;

    private final DatagramChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final InetSocketAddress localAddress;
    private final ByteBuffer received = ByteBuffer.allocate(0x1_0000);
    /** The datagram that the socket did not take yet; empty if there is none. */
    private final ByteBuffer waiting = ByteBuffer.allocate(MAX_DATAGRAM).limit(0);

    private NetworkPath waitingPath;
    private long tooLarge;
    private long refused;

    private ChannelUdpTransport(DatagramChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.key = channel.register(selector, SelectionKey.OP_READ);
        this.localAddress = (InetSocketAddress) channel.getLocalAddress();
        this.waitingPath = NetworkPath.to(localAddress);
    }

    static ChannelUdpTransport open(Options options) throws IOException {
        var family = options.address().getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
        var channel = DatagramChannel.open(family);
        try {
            channel.configureBlocking(false);
            set(channel, StandardSocketOptions.SO_RCVBUF, options.bufferBytes());
            set(channel, StandardSocketOptions.SO_SNDBUF, options.bufferBytes());
            set(channel, ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            if (options.reusePort()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.bind(options.address());
            var selector = Selector.open();
            try {
                return new ChannelUdpTransport(channel, selector);
            } catch (IOException e) {
                selector.close();
                throw e;
            }
        } catch (IOException | UnsupportedOperationException e) {
            channel.close();
            throw new IOException("cannot bind UDP socket to %s: %s".formatted(options.address(), e.getMessage()), e);
        }
    }

    /** Asks for what is good to have. */
    private static <T> void set(DatagramChannel channel, SocketOption<T> option, T value) {
        try {
            channel.setOption(option, value);
        } catch (IOException | UnsupportedOperationException e) {
            System.getLogger(ChannelUdpTransport.class.getName())
                    .log(System.Logger.Level.DEBUG, "UDP socket: no {0}: {1}", option.name(), e.getMessage());
        }
    }

    @Override
    public int receive(Receiver receiver, long waitNanos) throws IOException {
        int count = receiveNow(receiver);
        if (count > 0 || waitNanos <= 0) {
            sendWaiting();
            return count;
        }
        key.interestOps(canSend() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        if (waitNanos == Long.MAX_VALUE) {
            selector.select(ignored -> {});
        } else {
            // A wait that ends early is repeated; one of 0 would be without end.
            selector.select(ignored -> {}, Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
        }
        sendWaiting();
        return receiveNow(receiver);
    }

    private int receiveNow(Receiver receiver) throws IOException {
        for (int count = 0; count < BATCH; count++) {
            received.clear();
            InetSocketAddress remote;
            try {
                remote = (InetSocketAddress) channel.receive(received);
            } catch (PortUnreachableException e) {
                continue; // of something sent before: says nothing about what comes
            } catch (ClosedChannelException e) {
                throw e;
            } catch (SocketException e) {
                refused++;
                continue;
            }
            if (remote == null) {
                return count;
            }
            receiver.onDatagram(received.flip(), NetworkPath.to(remote), Ecn.NOT_ECT);
        }
        return BATCH;
    }

    @Override
    public boolean canSend() {
        return !waiting.hasRemaining();
    }

    @Override
    public void send(ByteBuffer datagram, NetworkPath path, Ecn mark) throws IOException {
        if (!canSend() || !trySend(datagram.slice(), path)) {
            // One that comes while another waits takes its place: of two, the older one is of less use.
            waiting.clear().put(datagram.slice()).flip();
            waitingPath = path;
        }
    }

    private void sendWaiting() throws IOException {
        if (waiting.hasRemaining() && trySend(waiting, waitingPath)) {
            waiting.limit(0);
        }
    }

    /** Returns whether it is gone, be it lost. */
    private boolean trySend(ByteBuffer datagram, NetworkPath path) throws IOException {
        int length = datagram.remaining();
        try {
            return channel.send(datagram, path.remote()) == length;
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage());
            if (why.contains("too long") || why.contains("larger than")) {
                tooLarge++;
            } else {
                refused++;
            }
            return true;
        }
    }

    @Override
    public void flush() throws IOException {
        sendWaiting();
    }

    @Override
    public void wakeUp() {
        selector.wakeup();
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public boolean can(Ability ability) {
        return false;
    }

    @Override
    public Losses losses() {
        return new Losses(tooLarge, refused);
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
