package io.teahouse.relay.server.discovery;

import io.teahouse.quic.Connection;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.relay.server.limit.SparseLog;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.net.BindAddress;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Address discovery on a UDP socket: one thread of its own, which waits for datagrams and for the time of what is to be done,
 * and has {@link DiscoveryService} do it. Safe for use by many threads.
 */
public final class DiscoveryServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DiscoveryServer.class.getName());

    /** How long it takes at most to say goodbye to everybody. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    /** The same complaint is logged once in this time. */
    private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final UdpTransport socket;
    private final MonotonicClock clock;
    private final DiscoveryService service;
    private final SparseLog complaints = new SparseLog(COMPLAINT_NANOS);
    private final Thread thread;
    private volatile boolean ends;

    private DiscoveryServer(
            UdpTransport socket,
            DiscoveryLimits limits,
            Supplier<Optional<ServerCertificate>> certificate,
            LoopCounters counters) {
        this.socket = socket;
        this.clock = new MonotonicClock();
        this.service = new DiscoveryService(
                limits, new CertificateShown(certificate), counters, new SecureRandom(), Instant.now(), this::send);
        this.thread = Thread.ofPlatform().daemon().name("teahouse-quic").unstarted(this::run);
    }

    /**
     * Binds a socket and begins.
     *
     * @param options     how the socket is to be
     * @param limits      how much it takes on
     * @param certificate which one is in force; asked for each client, and may be empty for a while
     * @param counters    what it counts with; nobody else may write them
     * @return the server, which answers until {@link #close}
     * @throws IOException when the address cannot be had, or the certificate cannot be used
     */
    public static DiscoveryServer start(
            UdpTransport.Options options,
            DiscoveryLimits limits,
            Supplier<Optional<ServerCertificate>> certificate,
            LoopCounters counters)
            throws IOException {
        var shown = certificate.get();
        if (shown.isPresent()) {
            CertificateShown.requireUsable(shown.get());
        }
        var server = new DiscoveryServer(open(options), limits, certificate, counters);
        server.thread.start();
        return server;
    }

    private static UdpTransport open(UdpTransport.Options options) throws IOException {
        try {
            return UdpTransport.open(options);
        } catch (IOException e) {
            throw new IOException(
                    "Failed to bind server socket to %s (UDP): %s"
                            .formatted(BindAddress.text(options.address()), e.getMessage()),
                    e);
        }
    }

    /**
     * {@return where it is, with the real port}
     */
    public InetSocketAddress address() {
        return socket.localAddress();
    }

    private void run() {
        try (socket) {
            while (!ends) {
                long nowNanos = clock.nanos();
                service.handleDeadlines(nowNanos);
                socket.flush();
                long nextNanos = service.nextDeadlineNanos();
                socket.receive(
                        this::receive, nextNanos == Connection.NEVER ? nextNanos : Math.max(0, nextNanos - nowNanos));
            }
            service.close(clock.nanos());
            socket.flush();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "quic: address discovery has ended: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "quic: address discovery has ended", e);
        }
    }

    private void receive(ByteBuffer datagram, NetworkPath from, Ecn mark) {
        try {
            service.receive(datagram, from, mark, clock.nanos());
        } catch (RuntimeException e) {
            // One datagram must not end it for all.
            if (complaints.next(clock.nanos()).isPresent()) {
                LOG.log(System.Logger.Level.WARNING, "quic: a datagram is ignored (said once in 10 s)", e);
            }
        }
    }

    private void send(OutgoingDatagram datagram) {
        try {
            socket.send(datagram.data(), datagram.network(), datagram.mark());
        } catch (IOException _) {
            // The next wait for datagrams says so, and ends it.
        }
    }

    /** Says goodbye to all clients and ends; returns when that is done. May be called twice. */
    @Override
    public void close() {
        ends = true;
        socket.wakeUp();
        try {
            thread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it ends by itself
        }
    }
}
