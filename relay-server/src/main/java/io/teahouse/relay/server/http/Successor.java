package io.teahouse.relay.server.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Leaves new connections to the socket that came to the same address after one (SO_REUSEPORT), while the older one is still
 * open: to close it at once would reset those connections that the kernel has made for it and that it has not taken.
 *
 * <p>The kernel asks a program of the sockets' group which of them is to have a connection; this one is a single instruction,
 * and says the second. Where there is no second one the kernel chooses as it always does.
 */
final class Successor {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    /** {@code struct sock_fprog}: a number of instructions, and where they are. */
    private static final RawUnixChannelOption PROGRAM =
            new RawUnixChannelOption("SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, 16);

    /** {@code BPF_RET | BPF_K}: the answer is a constant. */
    private static final short RETURN_CONSTANT = 0x06;

    private static final System.Logger LOG = System.getLogger(Successor.class.getName());

    private Successor() {}

    /** Does it; returns whether there is anything to wait for. */
    static boolean takesNewConnectionsOf(Channel listening) {
        if (!(listening instanceof EpollServerSocketChannel)) {
            return false;
        }
        try (var arena = Arena.ofConfined()) {
            var instruction = arena.allocate(8, 8);
            instruction.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
            instruction.set(ValueLayout.JAVA_INT, 4, 1);
            var program = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
            program.putShort(0, (short) 1);
            program.putLong(8, instruction.address());
            return listening.config().setOption(PROGRAM, program);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "listener: new connections cannot be left to another socket", e);
            return false;
        }
    }
}
