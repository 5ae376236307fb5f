package io.teahouse.quic.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as the kernel has them, {@code sockaddr_in} and {@code sockaddr_in6}. On a socket of the second family, IPv4
 * addresses are mapped ones outside, and plain ones inside.
 *
 * <p>Not thread-safe. Keeps the addresses that it has read last: {@value #KEPT} of them.
 */
final class SocketAddresses {
    static final int IPV4_LENGTH = 16;
    static final int MAX_LENGTH = 28;

    /** Addresses with the same hash push each other out. */
    private static final int KEPT = 512;

    private static final int FAMILY = 0;
    private static final int PORT = 2;
    private static final int ADDRESS4 = 4;
    private static final int ADDRESS6 = 8;
    private static final int SCOPE = 24;
    private static final int MAPPED_PREFIX = 10;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final byte[] knownRaw = new byte[KEPT * MAX_LENGTH];
    private final @Nullable InetSocketAddress[] known = new InetSocketAddress[KEPT];
    private final byte[] raw = new byte[MAX_LENGTH];
    private byte[] lastLocalRaw = new byte[0];
    private Optional<InetAddress> lastLocal = Optional.empty();

    /**
     * Writes an address.
     *
     * @param family the socket's
     * @return its length, or -1 if the socket cannot send there
     */
    static int write(InetSocketAddress address, int family, MemorySegment out) {
        var ip = address.getAddress();
        if (ip == null) {
            return -1; // a name
        }
        out.asSlice(0, MAX_LENGTH).fill((byte) 0);
        out.set(ValueLayout.JAVA_SHORT_UNALIGNED, FAMILY, (short) family);
        out.set(NETWORK_SHORT, PORT, (short) address.getPort());
        if (family == LinuxSockets.AF_INET) {
            if (!(ip instanceof Inet4Address)) {
                return -1;
            }
            MemorySegment.copy(ip.getAddress(), 0, out, JAVA_BYTE, ADDRESS4, 4);
            return IPV4_LENGTH;
        }
        write6(ip, out.asSlice(ADDRESS6, 16));
        if (ip instanceof Inet6Address inet6) {
            out.set(JAVA_INT_UNALIGNED, SCOPE, inet6.getScopeId());
        }
        return MAX_LENGTH;
    }

    /** Writes an address of 16 bytes. */
    static void write6(InetAddress ip, MemorySegment out) {
        if (ip instanceof Inet4Address) {
            out.set(ValueLayout.JAVA_SHORT_UNALIGNED, MAPPED_PREFIX, (short) -1);
            MemorySegment.copy(ip.getAddress(), 0, out, JAVA_BYTE, 12, 4);
        } else {
            MemorySegment.copy(ip.getAddress(), 0, out, JAVA_BYTE, 0, 16);
        }
    }

    /** Reads the address of a peer. */
    InetSocketAddress read(MemorySegment in, int length) {
        int taken = Math.min(length, MAX_LENGTH);
        MemorySegment.copy(in, JAVA_BYTE, 0, raw, 0, taken);
        Arrays.fill(raw, taken, MAX_LENGTH, (byte) 0);
        int hash = Arrays.hashCode(raw);
        int slot = (hash ^ hash >>> 16) & KEPT - 1;
        int at = slot * MAX_LENGTH;
        var address = known[slot];
        if (address == null || !Arrays.equals(knownRaw, at, at + MAX_LENGTH, raw, 0, MAX_LENGTH)) {
            address = decode(in);
            System.arraycopy(raw, 0, knownRaw, at, MAX_LENGTH);
            known[slot] = address;
        }
        return address;
    }

    private InetSocketAddress decode(MemorySegment in) {
        int port = Short.toUnsignedInt(in.get(NETWORK_SHORT, PORT));
        if (in.get(ValueLayout.JAVA_SHORT_UNALIGNED, FAMILY) == LinuxSockets.AF_INET) {
            return new InetSocketAddress(address(Arrays.copyOfRange(raw, ADDRESS4, ADDRESS4 + 4), 0), port);
        }
        int scope = in.get(JAVA_INT_UNALIGNED, SCOPE);
        return new InetSocketAddress(address(Arrays.copyOfRange(raw, ADDRESS6, ADDRESS6 + 16), scope), port);
    }

    /** Reads one of our addresses, 4 or 16 bytes of it. */
    Optional<InetAddress> readLocal(MemorySegment in, long offset, int length, int scope) {
        var bytes = new byte[length];
        MemorySegment.copy(in, JAVA_BYTE, offset, bytes, 0, length);
        if (!Arrays.equals(bytes, lastLocalRaw)) {
            lastLocalRaw = bytes;
            lastLocal = Optional.of(address(bytes, scope));
        }
        return lastLocal;
    }

    /** A mapped address comes out as a plain one. */
    private static InetAddress address(byte[] bytes, int scope) {
        try {
            var address = InetAddress.getByAddress(bytes);
            return scope != 0 && address.isLinkLocalAddress() && bytes.length == 16
                    ? Inet6Address.getByAddress(null, bytes, scope)
                    : address;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // has another length than 4 or 16
        }
    }
}
