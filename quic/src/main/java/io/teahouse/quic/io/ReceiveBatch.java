package io.teahouse.quic.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What {@code recvmmsg} fills: {@value #MESSAGES} messages of 64 KiB, of which only the pages that were used take memory. A
 * message is one datagram, or several of one peer that the kernel has put together (UDP_GRO).
 */
final class ReceiveBatch {
    private static final int MESSAGES = 32;
    private static final int PAYLOAD = 0x1_0000;
    /** Room for all that we ask for: two addresses, two marks, the length of segments. */
    private static final int CONTROL = 192;

    private static final int IOVEC = 16;

    /** {@code struct mmsghdr}. */
    private static final int HEADER = 64;

    private static final int LENGTH = 56;

    /** The message did not fit, or what was to be said of it. */
    private static final int MSG_TRUNC = 0x20;

    private final LinuxSockets sockets;
    private final MemorySegment errno;
    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment payloads;
    private final SocketAddresses addresses = new SocketAddresses();
    private final ByteBuffer datagram = ByteBuffer.allocate(PAYLOAD);
    private NetworkPath lastPath = new NetworkPath(new InetSocketAddress(0), Optional.empty());

    // What is said of the message that is being looked at.
    private Optional<InetAddress> local = Optional.empty();
    private Ecn mark = Ecn.NOT_ECT;
    private int segmentLength;

    ReceiveBatch(LinuxSockets sockets, MemorySegment errno, Arena arena) {
        this.sockets = sockets;
        this.errno = errno;
        this.headers = arena.allocate((long) MESSAGES * HEADER, 8);
        this.names = arena.allocate((long) MESSAGES * SocketAddresses.MAX_LENGTH, 8);
        this.controls = arena.allocate((long) MESSAGES * CONTROL, 8);
        this.payloads = arena.allocate((long) MESSAGES * PAYLOAD, 8);
        var vectors = arena.allocate((long) MESSAGES * IOVEC, 8);
        for (int i = 0; i < MESSAGES; i++) {
            vectors.set(JAVA_LONG, (long) i * IOVEC, payloads.address() + (long) i * PAYLOAD);
            vectors.set(JAVA_LONG, (long) i * IOVEC + 8, PAYLOAD);
            long header = (long) i * HEADER;
            headers.set(
                    JAVA_LONG, header + MessageHeader.NAME, names.address() + (long) i * SocketAddresses.MAX_LENGTH);
            headers.set(JAVA_LONG, header + MessageHeader.VECTORS, vectors.address() + (long) i * IOVEC);
            headers.set(JAVA_LONG, header + MessageHeader.VECTOR_COUNT, 1);
            headers.set(JAVA_LONG, header + MessageHeader.CONTROL_AT, controls.address() + (long) i * CONTROL);
            reset(i);
        }
    }

    /** The kernel writes what it has used where it was told what it may use. */
    private void reset(int message) {
        long header = (long) message * HEADER;
        headers.set(JAVA_INT, header + MessageHeader.NAME_LENGTH, SocketAddresses.MAX_LENGTH);
        headers.set(JAVA_LONG, header + MessageHeader.CONTROL_LENGTH, CONTROL);
    }

    /** Returns how many datagrams there were, or an error's number, negated. */
    int receive(int descriptor, PacketTransport.Receiver receiver) {
        int messages = sockets.recvmmsg(errno, descriptor, headers, MESSAGES, LinuxSockets.MSG_DONTWAIT);
        int datagrams = 0;
        for (int i = 0; i < messages; i++) {
            datagrams += giveOn(i, receiver);
            reset(i);
        }
        return messages < 0 ? messages : datagrams;
    }

    private int giveOn(int message, PacketTransport.Receiver receiver) {
        long header = (long) message * HEADER;
        int length = headers.get(JAVA_INT, header + LENGTH);
        int nameLength = headers.get(JAVA_INT, header + MessageHeader.NAME_LENGTH);
        if ((headers.get(JAVA_INT, header + MessageHeader.FLAGS) & MSG_TRUNC) != 0
                || nameLength < SocketAddresses.IPV4_LENGTH) {
            return 0;
        }
        readControl(message, headers.get(JAVA_LONG, header + MessageHeader.CONTROL_LENGTH));
        var remote = addresses.read(
                names.asSlice((long) message * SocketAddresses.MAX_LENGTH, SocketAddresses.MAX_LENGTH), nameLength);
        if (!remote.equals(lastPath.remote()) || !local.equals(lastPath.local())) {
            lastPath = new NetworkPath(remote, local);
        }
        int step = segmentLength > 0 ? segmentLength : Math.max(length, 1);
        int count = 0;
        for (int at = 0; at < length || count == 0; at += step) {
            int size = Math.min(step, length - at);
            MemorySegment.copy(payloads, JAVA_BYTE, (long) message * PAYLOAD + at, datagram.array(), 0, size);
            receiver.onDatagram(datagram.clear().limit(size), lastPath, mark);
            count++;
        }
        return count;
    }

    private void readControl(int message, long length) {
        local = Optional.empty();
        mark = Ecn.NOT_ECT;
        segmentLength = 0;
        long base = (long) message * CONTROL;
        long at = 0;
        while (at + MessageHeader.CONTROL_HEADER <= length) {
            long itemLength = controls.get(JAVA_LONG, base + at);
            if (itemLength < MessageHeader.CONTROL_HEADER || at + itemLength > length) {
                return;
            }
            int level = controls.get(JAVA_INT, base + at + 8);
            int type = controls.get(JAVA_INT, base + at + 12);
            readItem(level, type, base + at + MessageHeader.CONTROL_HEADER);
            at += itemLength + 7 & ~7L;
        }
    }

    private void readItem(int level, int type, long at) {
        if ((level == LinuxSockets.SOL_IP && type == LinuxSockets.IP_TOS)
                || (level == LinuxSockets.SOL_IPV6 && type == LinuxSockets.IPV6_TCLASS)) {
            mark = Ecn.ofBits(controls.get(JAVA_BYTE, at));
        } else if (level == LinuxSockets.SOL_IP && type == LinuxSockets.IP_PKTINFO) {
            local = addresses.readLocal(controls, at + 8, 4, 0);
        } else if (level == LinuxSockets.SOL_IPV6 && type == LinuxSockets.IPV6_PKTINFO) {
            local = addresses.readLocal(controls, at, 16, controls.get(JAVA_INT, at + 16));
        } else if (level == LinuxSockets.SOL_UDP && type == LinuxSockets.UDP_GRO) {
            segmentLength = controls.get(JAVA_INT, at);
        }
    }
}
