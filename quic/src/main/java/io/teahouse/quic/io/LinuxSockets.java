package io.teahouse.quic.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The system calls for sockets that are needed here, with the numbers of Linux on x86-64 and aarch64, which are the same.
 *
 * <p>A call that fails returns the error's number, negated, as the kernel itself does it. All have a segment for the error's
 * number as their first argument, which must not be shared between threads.
 */
@SuppressWarnings("restricted") // needs --enable-native-access, and says so where it is not given
final class LinuxSockets {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    /** Also for {@link #eventfd}. */
    static final int NONBLOCK_CLOEXEC = 0x800 | 0x8_0000;

    static final int SOL_IP = 0;
    static final int IP_TOS = 1;
    static final int IP_PKTINFO = 8;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_RECVTOS = 13;

    static final int SOL_SOCKET = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;

    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    static final int SOL_IPV6 = 41;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    static final int IPV6_RECVTCLASS = 66;
    static final int IPV6_TCLASS = 67;

    /** Never fragment, and never mind what the kernel believes of the path: finding that out is up to QUIC. */
    static final int PMTUDISC_PROBE = 3;

    static final short POLLIN = 1;
    static final short POLLOUT = 4;

    static final int MSG_DONTWAIT = 0x40;

    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int ENOTSOCK = 88;
    static final int EMSGSIZE = 90;
    static final int EINVAL = 22;
    static final int ENOBUFS = 105;

    /** Where a call leaves its error's number. */
    static final MemoryLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO = ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle socket = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private final MethodHandle bind = handle("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle getsockname = handle("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private final MethodHandle setsockopt =
            handle("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle sendmsg = handle("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle recvmmsg = handle("recvmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private final MethodHandle ppoll = handle("ppoll", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private final MethodHandle eventfd = handle("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private final MethodHandle read = handle("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private final MethodHandle write = handle("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private final MethodHandle close = handle("close", JAVA_INT, JAVA_INT);
    private final MethodHandle strerror = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private LinuxSockets() {}

    /** Looks for them once; what they are not found for says so itself. */
    private static final class Holder {
        static final Optional<LinuxSockets> SOCKETS = find();

        private static Optional<LinuxSockets> find() {
            boolean known = System.getProperty("os.name").equals("Linux")
                    && Set.of("amd64", "x86_64", "aarch64").contains(System.getProperty("os.arch"))
                    && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
            if (!known) {
                return Optional.empty();
            }
            try {
                return Optional.of(new LinuxSockets());
            } catch (RuntimeException | LinkageError e) {
                System.getLogger(LinuxSockets.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "UDP: system calls are out of reach ({0}), so it is slower and without ECN;"
                                        + " start Java with --enable-native-access=ALL-UNNAMED",
                                e);
                return Optional.empty();
            }
        }
    }

    /** Returns them, where they are known. */
    static Optional<LinuxSockets> get() {
        return Holder.SOCKETS;
    }

    private static MethodHandle handle(String name, ValueLayout result, MemoryLayout... arguments) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    int socket(MemorySegment errno, int family) {
        try {
            return result(errno, (int) socket.invokeExact(errno, family, SOCK_DGRAM | NONBLOCK_CLOEXEC, 0));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int bind(MemorySegment errno, int descriptor, MemorySegment address, int length) {
        try {
            return result(errno, (int) bind.invokeExact(errno, descriptor, address, length));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int getsockname(MemorySegment errno, int descriptor, MemorySegment address, MemorySegment length) {
        try {
            return result(errno, (int) getsockname.invokeExact(errno, descriptor, address, length));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int setsockopt(MemorySegment errno, int descriptor, int level, int option, MemorySegment value, int length) {
        try {
            return result(errno, (int) setsockopt.invokeExact(errno, descriptor, level, option, value, length));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    long sendmsg(MemorySegment errno, int descriptor, MemorySegment message, int flags) {
        try {
            long result = (long) sendmsg.invokeExact(errno, descriptor, message, flags);
            return result >= 0 ? result : result(errno, -1);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int recvmmsg(MemorySegment errno, int descriptor, MemorySegment messages, int count, int flags) {
        try {
            return result(
                    errno, (int) recvmmsg.invokeExact(errno, descriptor, messages, count, flags, MemorySegment.NULL));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int ppoll(MemorySegment errno, MemorySegment descriptors, long count, MemorySegment timeout) {
        try {
            return result(errno, (int) ppoll.invokeExact(errno, descriptors, count, timeout, MemorySegment.NULL));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int eventfd(MemorySegment errno) {
        try {
            return result(errno, (int) eventfd.invokeExact(errno, 0, NONBLOCK_CLOEXEC));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void read(MemorySegment errno, int descriptor, MemorySegment out) {
        try {
            long ignored = (long) read.invokeExact(errno, descriptor, out, out.byteSize());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void write(MemorySegment errno, int descriptor, MemorySegment in) {
        try {
            long ignored = (long) write.invokeExact(errno, descriptor, in, in.byteSize());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void close(MemorySegment errno, int descriptor) {
        try {
            int ignored = (int) close.invokeExact(errno, descriptor);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Returns an exception that says what an error's number means. */
    IOException failure(String what, int negatedErrno) {
        int number = -negatedErrno;
        try {
            var text = (MemorySegment) strerror.invokeExact(number);
            return new IOException(
                    "%s: %s (error %d)".formatted(what, text.reinterpret(256).getString(0), number));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static int result(MemorySegment errno, int result) {
        return result >= 0 ? result : -(int) ERRNO.get(errno, 0L);
    }

    /** What a downcall throws is a mistake in this class. */
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(
                "a system call was made wrongly: %s".formatted(e.toString().toLowerCase(Locale.ROOT)), e);
    }
}
