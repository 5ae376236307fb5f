package io.teahouse.quic.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Datagrams that go the same way with one {@code sendmsg}: as many of the same length as the kernel takes, the last of which
 * may be shorter (UDP_SEGMENT).
 *
 * <p>Holds one such batch. If the kernel takes no more for now, what is left of it stays until {@link #flush}.
 */
final class SendBatch {
    /** As many as kernels of all ages take. */
    private static final int MAX_SEGMENTS = 64;

    private static final int CONTROL = 128;

    private final LinuxSockets sockets;
    private final MemorySegment errno;
    private final int descriptor;
    private final int family;
    private final MemorySegment header;
    private final MemorySegment name;
    private final MemorySegment vector;
    private final MemorySegment control;
    private final MemorySegment payload;

    private NetworkPath path = NetworkPath.to(new InetSocketAddress(0));
    private Ecn mark = Ecn.NOT_ECT;
    /** What of the batch is still to be sent. */
    private int start;

    private int end;
    private int segments;
    private int segmentLength;
    /** Whether the last datagram was shorter, so that none can follow. */
    private boolean complete;

    private boolean blocked;
    private boolean segmentation = true;
    private long tooLarge;
    private long refused;

    SendBatch(LinuxSockets sockets, MemorySegment errno, Arena arena, int descriptor, int family) {
        this.sockets = sockets;
        this.errno = errno;
        this.descriptor = descriptor;
        this.family = family;
        this.header = arena.allocate(MessageHeader.SIZE, 8);
        this.name = arena.allocate(SocketAddresses.MAX_LENGTH, 8);
        this.vector = arena.allocate(16, 8);
        this.control = arena.allocate(CONTROL, 8);
        this.payload = arena.allocate(UdpTransport.MAX_DATAGRAM, 8);
        header.set(JAVA_LONG, MessageHeader.NAME, name.address());
        header.set(JAVA_LONG, MessageHeader.VECTORS, vector.address());
        header.set(JAVA_LONG, MessageHeader.VECTOR_COUNT, 1);
        header.set(JAVA_LONG, MessageHeader.CONTROL_AT, control.address());
    }

    boolean isBlocked() {
        return blocked;
    }

    boolean usesSegmentation() {
        return segmentation;
    }

    UdpTransport.Losses losses() {
        return new UdpTransport.Losses(tooLarge, refused);
    }

    void add(ByteBuffer datagram, NetworkPath to, Ecn mark) throws IOException {
        int length = datagram.remaining();
        if (segments > 0 && !goesWith(length, to, mark)) {
            flush();
            if (segments > 0) {
                refused++; // the caller was told that there is no room
                return;
            }
        }
        if (segments == 0) {
            path = to;
            this.mark = mark;
            segmentLength = length;
            complete = !segmentation;
        }
        MemorySegment.copy(
                datagram.array(), datagram.arrayOffset() + datagram.position(), payload, JAVA_BYTE, end, length);
        end += length;
        segments++;
        complete |= length < segmentLength || segments == MAX_SEGMENTS;
    }

    private boolean goesWith(int length, NetworkPath to, Ecn itsMark) {
        return !complete
                && length > 0
                && length <= segmentLength
                && end + length <= UdpTransport.MAX_DATAGRAM
                && itsMark == mark
                && to.equals(path);
    }

    void flush() throws IOException {
        blocked = false;
        if (segments == 0) {
            return;
        }
        if (!(path.remote() instanceof InetSocketAddress remote)) {
            throw new IllegalArgumentException("not an address of a socket: " + path.remote());
        }
        int nameLength = SocketAddresses.write(remote, family, name);
        if (nameLength < 0) {
            refused += segments;
            clear();
            return;
        }
        header.set(JAVA_INT, MessageHeader.NAME_LENGTH, nameLength);
        if (segments > 1 && segmentation && start == 0) {
            sendTogether(remote);
        } else {
            sendOneByOne(remote);
        }
    }

    private void sendTogether(InetSocketAddress remote) throws IOException {
        int error = send(remote, end, true);
        switch (-error) {
            case 0 -> clear();
            case LinuxSockets.EAGAIN -> blocked = true;
            // No segmentation here, or segments larger than the network takes: one by one it will show.
            case LinuxSockets.EIO, LinuxSockets.EINVAL -> {
                long before = tooLarge + refused;
                sendOneByOne(remote);
                segmentation = tooLarge + refused > before;
            }
            default -> {
                count(error, segments);
                clear();
            }
        }
    }

    private void sendOneByOne(InetSocketAddress remote) throws IOException {
        do {
            int length = Math.min(segmentLength, end - start);
            int error = send(remote, start + length, false);
            if (error == -LinuxSockets.EAGAIN) {
                blocked = true;
                return;
            }
            if (error < 0) {
                count(error, 1);
            }
            start += length;
        } while (start < end);
        clear();
    }

    /** Sends what there is up to somewhere; returns 0, or an error's number, negated. */
    private int send(InetSocketAddress remote, int upTo, boolean together) {
        vector.set(JAVA_LONG, 0, payload.address() + start);
        vector.set(JAVA_LONG, 8, upTo - start);
        int controlLength = writeControl(remote, together);
        header.set(JAVA_LONG, MessageHeader.CONTROL_AT, controlLength == 0 ? 0 : control.address());
        header.set(JAVA_LONG, MessageHeader.CONTROL_LENGTH, controlLength);
        long result;
        do {
            result = sockets.sendmsg(errno, descriptor, header, 0);
        } while (result == -LinuxSockets.EINTR);
        return result == -LinuxSockets.ENOBUFS ? -LinuxSockets.EAGAIN : (int) Math.min(result, 0);
    }

    private void count(int error, int datagrams) throws IOException {
        switch (-error) {
            case LinuxSockets.EBADF, LinuxSockets.ENOTSOCK -> throw sockets.failure("UDP socket", error);
            case LinuxSockets.EMSGSIZE -> tooLarge += datagrams;
            default -> refused += datagrams;
        }
    }

    private void clear() {
        start = 0;
        end = 0;
        segments = 0;
    }

    private int writeControl(InetSocketAddress remote, boolean together) {
        // What is sent to an IPv4 address is IPv4, whatever the socket.
        boolean ipv4 = remote.getAddress() instanceof Inet4Address;
        control.fill((byte) 0);
        int at = 0;
        if (mark != Ecn.NOT_ECT) {
            control.set(JAVA_INT, at + MessageHeader.CONTROL_HEADER, mark.bits());
            at = ipv4
                    ? endItem(at, LinuxSockets.SOL_IP, LinuxSockets.IP_TOS, 4)
                    : endItem(at, LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_TCLASS, 4);
        }
        if (path.local().isPresent()) {
            at = writeLocal(at, path.local().get(), ipv4);
        }
        if (together) {
            control.set(JAVA_SHORT, at + MessageHeader.CONTROL_HEADER, (short) segmentLength);
            at = endItem(at, LinuxSockets.SOL_UDP, LinuxSockets.UDP_SEGMENT, 2);
        }
        return at;
    }

    private int writeLocal(int at, InetAddress local, boolean ipv4) {
        if (ipv4 != local instanceof Inet4Address) {
            return at; // of no use for this peer
        }
        if (ipv4) {
            MemorySegment.copy(local.getAddress(), 0, control, JAVA_BYTE, at + MessageHeader.CONTROL_HEADER + 4, 4);
            return endItem(at, LinuxSockets.SOL_IP, LinuxSockets.IP_PKTINFO, 12);
        }
        MemorySegment.copy(local.getAddress(), 0, control, JAVA_BYTE, at + MessageHeader.CONTROL_HEADER, 16);
        return endItem(at, LinuxSockets.SOL_IPV6, LinuxSockets.IPV6_PKTINFO, 20);
    }

    /** Puts the header before an item; returns where the next one goes. */
    private int endItem(int at, int level, int type, int length) {
        control.set(JAVA_LONG, at, MessageHeader.CONTROL_HEADER + length);
        control.set(JAVA_INT, at + 8, level);
        control.set(JAVA_INT, at + 12, type);
        return at + MessageHeader.CONTROL_HEADER + (length + 7 & ~7);
    }
}
