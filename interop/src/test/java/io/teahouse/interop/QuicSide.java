package io.teahouse.interop;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.ConnectionTrace;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What our two sides have in common when they meet others on a socket of the JDK: the socket, the clock, and what has happened. A
 * connection has no driver here, so that it is the only thing of ours that a failure can come from.
 */
abstract class QuicSide implements AutoCloseable {
    private static final int MAX_DATAGRAM = 2048;
    private static final long LONGEST_WAIT_MILLIS = 100;

    final SecureRandom random = new SecureRandom();
    final Instant timeZero = Instant.now();
    final ConnectionIdSource idSource;
    final ConnectionConfig config;
    /** What has happened on all connections. */
    final List<ConnectionEvent> events = new ArrayList<>();

    private final long startNanos = System.nanoTime();
    private final DatagramChannel channel;
    private final Selector selector;

    QuicSide(ConnectionTrace.Source traces) throws IOException {
        var key = new byte[ConnectionIdSource.KEY_LENGTH];
        random.nextBytes(key);
        this.idSource = new ConnectionIdSource(random, key);
        this.config = ConnectionConfig.defaults(timeZero).withTraces(traces);
        this.channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        this.selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    int port() {
        return channel.socket().getLocalPort();
    }

    long nowNanos() {
        return System.nanoTime() - startNanos;
    }

    /** A datagram has come. */
    abstract void onDatagram(ByteBuffer datagram, NetworkPath from) throws IOException;

    /** Does what has to be done by now, and says when it wants to be asked again. */
    abstract long turn() throws IOException;

    /** Waits for datagrams and takes them in, then takes a turn. */
    void step() throws IOException {
        long waitNanos = turn() - nowNanos();
        if (waitNanos > 0) {
            long millis = TimeUnit.NANOSECONDS.toMillis(waitNanos + 999_999);
            selector.select(Math.clamp(millis, 1, LONGEST_WAIT_MILLIS));
            selector.selectedKeys().clear();
        }
        for (int count = 0; count < 64; count++) {
            var buffer = ByteBuffer.allocate(MAX_DATAGRAM);
            var from = channel.receive(buffer);
            if (from == null) {
                return;
            }
            onDatagram(buffer.flip(), NetworkPath.to(from));
        }
    }

    void send(ByteBuffer datagram, NetworkPath to) throws IOException {
        channel.send(datagram, to.remote());
    }

    void receive(Connection connection, ByteBuffer datagram, NetworkPath from) {
        connection.receive(datagram, from, Ecn.NOT_ECT, nowNanos());
    }

    /** Sends what a connection has to send, keeps what it has to tell, and says when it wants to be asked again. */
    long flush(Connection connection) throws IOException {
        long now = nowNanos();
        if (connection.nextTimeoutNanos(now) <= now) {
            connection.handleTimeout(now);
        }
        for (var next = connection.pollOutgoing(now); next.isPresent(); next = connection.pollOutgoing(now)) {
            OutgoingDatagram datagram = next.get();
            send(datagram.data(), datagram.network());
        }
        for (var event = connection.pollEvent(); event.isPresent(); event = connection.pollEvent()) {
            events.add(event.get());
        }
        return connection.nextTimeoutNanos(now);
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
