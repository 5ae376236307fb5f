package io.teahouse.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A NAT for one client, on the loopback address: what the client sends to it goes on to a server from another port, and from
 * yet another one once the client has sent a certain datagram.
 */
final class RebindingNat implements AutoCloseable {
    private static final int DATAGRAM_MAX = 2048;

    private final DatagramChannel inside;
    private final InetSocketAddress server;
    private final Predicate<ByteBuffer> lastBeforeMove;
    private final List<DatagramChannel> outsides = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile SocketAddress client = new InetSocketAddress(0);
    private boolean moved;

    /**
     * Begins.
     *
     * @param server         where datagrams go
     * @param lastBeforeMove which datagram is the last one from the first port
     */
    RebindingNat(InetSocketAddress server, Predicate<ByteBuffer> lastBeforeMove) throws IOException {
        this.server = server;
        this.lastBeforeMove = lastBeforeMove;
        this.inside = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        openOutside();
        start(this::carryOut);
    }

    /**
     * {@return where the client sends to}
     */
    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) inside.getLocalAddress();
    }

    /**
     * {@return as which the client appears, the first one first}
     */
    List<InetSocketAddress> outsideAddresses() throws IOException {
        var addresses = new ArrayList<InetSocketAddress>();
        for (var outside : outsides) {
            addresses.add((InetSocketAddress) outside.getLocalAddress());
        }
        return addresses;
    }

    private void openOutside() throws IOException {
        var outside = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        outsides.add(outside);
        start(() -> carryIn(outside));
    }

    /** What can be interrupted by closing a channel. */
    private interface Carrying {
        void run() throws IOException;
    }

    private void start(Carrying carrying) {
        threads.add(Thread.ofPlatform().daemon().start(() -> {
            try {
                carrying.run();
            } catch (ClosedChannelException _) {
                // the end
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    private void carryOut() throws IOException {
        var buffer = ByteBuffer.allocate(DATAGRAM_MAX);
        while (true) {
            client = inside.receive(buffer.clear());
            buffer.flip();
            boolean last = !moved && lastBeforeMove.test(buffer.duplicate());
            outsides.getLast().send(buffer, server);
            if (last) {
                moved = true;
                openOutside();
            }
        }
    }

    /** Lets in what comes to the newest port only, as NATs do that have forgotten the others. */
    private void carryIn(DatagramChannel outside) throws IOException {
        var buffer = ByteBuffer.allocate(DATAGRAM_MAX);
        while (true) {
            outside.receive(buffer.clear());
            if (outsides.getLast().equals(outside)) {
                inside.send(buffer.flip(), client);
            }
        }
    }

    @Override
    public void close() throws IOException {
        inside.close();
        for (var outside : outsides) {
            outside.close();
        }
    }
}
