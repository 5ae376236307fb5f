package io.teahouse.quic.io;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A socket with system calls of our own. */
final class LinuxUdpTransport implements UdpTransport {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** {@code struct pollfd}: descriptor 4, events 2, what has happened 2. */
    private static final int POLL = 8;

    private final LinuxSockets sockets;
    private final Arena arena;
    private final MemorySegment errno;
    private final int descriptor;
    private final int event;
    private final InetSocketAddress localAddress;
    private final ReceiveBatch in;
    private final SendBatch out;
    private final MemorySegment polled;
    private final MemorySegment timeout;
    private final MemorySegment counter;

    /** Asked for and not yet noticed. */
    private final AtomicBoolean awake = new AtomicBoolean();

    private volatile boolean waiting;
    private final Object closing = new Object();
    private boolean closed;

    private LinuxUdpTransport(
            LinuxSockets sockets, Arena arena, MemorySegment errno, int descriptor, int event, int family)
            throws IOException {
        this.sockets = sockets;
        this.arena = arena;
        this.errno = errno;
        this.descriptor = descriptor;
        this.event = event;
        this.localAddress = localAddress(sockets, arena, errno, descriptor);
        this.in = new ReceiveBatch(sockets, errno, arena);
        this.out = new SendBatch(sockets, errno, arena, descriptor, family);
        this.polled = arena.allocate(2 * POLL, 8);
        this.timeout = arena.allocate(16, 8);
        this.counter = arena.allocate(8, 8);
        polled.set(JAVA_INT, 0, descriptor);
        polled.set(JAVA_INT, POLL, event);
        polled.set(JAVA_SHORT, POLL + 4, LinuxSockets.POLLIN);
    }

    @SuppressWarnings("MustBeClosedChecker") // the socket's, which closes it
    static LinuxUdpTransport open(LinuxSockets sockets, Options options) throws IOException {
        var arena = Arena.ofShared();
        var errno = arena.allocate(LinuxSockets.ERRNO_LAYOUT);
        int family =
                options.address().getAddress() instanceof Inet4Address ? LinuxSockets.AF_INET : LinuxSockets.AF_INET6;
        int descriptor = -1;
        int event = -1;
        try {
            descriptor = require(sockets, "cannot open UDP socket", sockets.socket(errno, family));
            event = require(sockets, "cannot open eventfd", sockets.eventfd(errno));
            configure(new Setter(sockets, errno, descriptor, arena.allocate(4, 4)), family, options);
            var address = arena.allocate(SocketAddresses.MAX_LENGTH, 8);
            int length = SocketAddresses.write(options.address(), family, address);
            require(
                    sockets,
                    "cannot bind UDP socket to " + options.address(),
                    sockets.bind(errno, descriptor, address, length));
            return new LinuxUdpTransport(sockets, arena, errno, descriptor, event, family);
        } catch (IOException | RuntimeException e) {
            if (descriptor >= 0) {
                sockets.close(errno, descriptor);
            }
            if (event >= 0) {
                sockets.close(errno, event);
            }
            arena.close();
            throw e;
        }
    }

    private record Setter(LinuxSockets sockets, MemorySegment errno, int descriptor, MemorySegment value) {
        void set(int level, int option, int number) throws IOException {
            require(
                    sockets,
                    "cannot set option %d.%d of UDP socket".formatted(level, option),
                    trySet(level, option, number));
        }

        int trySet(int level, int option, int number) {
            value.set(JAVA_INT, 0, number);
            return sockets.setsockopt(errno, descriptor, level, option, value, 4);
        }
    }

    private static void configure(Setter socket, int family, Options options) throws IOException {
        if (options.reusePort()) {
            socket.set(LinuxSockets.SOL_SOCKET, LinuxSockets.SO_REUSEPORT, 1);
        }
        // What follows is good to have; old kernels and sandboxes lack some of it.
        socket.trySet(LinuxSockets.SOL_SOCKET, LinuxSockets.SO_SNDBUF, options.bufferBytes());
        socket.trySet(LinuxSockets.SOL_SOCKET, LinuxSockets.SO_RCVBUF, options.bufferBytes());
        // For a socket of both families, too: these are about the packets that are IPv4.
        socket.trySet(LinuxSockets.SOL_IP, LinuxSockets.IP_RECVTOS, 1);
        socket.trySet(LinuxSockets.SOL_IP, LinuxSockets.IP_MTU_DISCOVER, LinuxSockets.PMTUDISC_PROBE);
        socket.trySet(LinuxSockets.SOL_UDP, LinuxSockets.UDP_GRO, 1);
        if (family == LinuxSockets.AF_INET) {
            socket.trySet(LinuxSockets.SOL_IP, LinuxSockets.IP_PKTINFO, 1);
        } else {
            boolean both = UdpTransport.isDualStack(options.address().getAddress());
            socket.set(LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_V6ONLY, both ? 0 : 1);
            socket.trySet(LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_RECVTCLASS, 1);
            socket.trySet(LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_RECVPKTINFO, 1);
            socket.trySet(LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_MTU_DISCOVER, LinuxSockets.PMTUDISC_PROBE);
        }
    }

    private static int require(LinuxSockets sockets, String what, int result) throws IOException {
        if (result < 0) {
            throw sockets.failure(what, result);
        }
        return result;
    }

    private static InetSocketAddress localAddress(
            LinuxSockets sockets, Arena arena, MemorySegment errno, int descriptor) throws IOException {
        var address = arena.allocate(SocketAddresses.MAX_LENGTH, 8);
        var length = arena.allocate(4, 4);
        length.set(JAVA_INT, 0, SocketAddresses.MAX_LENGTH);
        require(sockets, "UDP socket", sockets.getsockname(errno, descriptor, address, length));
        return new SocketAddresses().read(address, length.get(JAVA_INT, 0));
    }

    @Override
    public int receive(Receiver receiver, long waitNanos) throws IOException {
        int count = receiveNow(receiver);
        if (count > 0 || waitNanos <= 0) {
            if (out.isBlocked()) {
                out.flush();
            }
            return count;
        }
        await(waitNanos);
        if (out.isBlocked()) {
            out.flush();
        }
        return receiveNow(receiver);
    }

    private int receiveNow(Receiver receiver) throws IOException {
        int result = in.receive(descriptor, receiver);
        if (result == -LinuxSockets.EBADF || result == -LinuxSockets.ENOTSOCK) {
            throw sockets.failure("UDP socket", result);
        }
        return Math.max(result, 0); // other errors are of something sent before, and say nothing about what comes
    }

    private void await(long waitNanos) {
        waiting = true;
        if (!awake.get()) {
            short events = out.isBlocked() ? (short) (LinuxSockets.POLLIN | LinuxSockets.POLLOUT) : LinuxSockets.POLLIN;
            polled.set(JAVA_SHORT, 4, events);
            timeout.set(JAVA_LONG, 0, waitNanos / NANOS_PER_SECOND);
            timeout.set(JAVA_LONG, 8, waitNanos % NANOS_PER_SECOND);
            boolean forEver = waitNanos == Long.MAX_VALUE;
            int ready = sockets.ppoll(errno, polled, 2, forEver ? MemorySegment.NULL : timeout);
            if (ready > 0 && polled.get(JAVA_SHORT, POLL + 6) != 0) {
                sockets.read(errno, event, counter);
            }
        }
        waiting = false;
        awake.set(false);
    }

    @Override
    public void wakeUp() {
        if (awake.getAndSet(true) || !waiting) {
            return;
        }
        synchronized (closing) {
            if (closed) {
                return; // the descriptor may be somebody else's by now
            }
            try (var confined = Arena.ofConfined()) {
                var one = confined.allocate(8, 8);
                one.set(JAVA_LONG, 0, 1);
                sockets.write(confined.allocate(LinuxSockets.ERRNO_LAYOUT), event, one);
            }
        }
    }

    @Override
    public boolean canSend() {
        return !out.isBlocked();
    }

    @Override
    public void send(ByteBuffer datagram, NetworkPath path, Ecn mark) throws IOException {
        out.add(datagram, path, mark);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public boolean can(Ability ability) {
        return ability != Ability.SEGMENTS || out.usesSegmentation();
    }

    @Override
    public Losses losses() {
        return out.losses();
    }

    @Override
    public void close() {
        synchronized (closing) {
            if (!closed) {
                closed = true;
                sockets.close(errno, descriptor);
                sockets.close(errno, event);
                arena.close();
            }
        }
    }
}
