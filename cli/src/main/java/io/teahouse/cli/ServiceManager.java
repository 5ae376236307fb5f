package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Tells the service manager that started this process how it is: systemd's notification protocol (sd_notify(3)), datagrams of
 * {@code KEY=value} lines to the socket that it named. Where none is named nothing is done. Safe for use by many threads.
 */
final class ServiceManager {
    /** Where it listens: a path, or an abstract name that begins with {@code @}. */
    static final String SOCKET_VARIABLE = "NOTIFY_SOCKET";

    private static final System.Logger LOG = System.getLogger(ServiceManager.class.getName());

    private final String socket;

    ServiceManager(Map<String, String> environment) {
        this.socket = environment.getOrDefault(SOCKET_VARIABLE, "");
    }

    /** The relay takes clients; what it says in words is shown by {@code systemctl status}. */
    void ready(String status) {
        tell("READY=1\nSTATUS=" + status);
    }

    /** The configuration is about to be read again; {@link #ready} says when that is done. */
    void reloading() {
        // The same clock as systemd's, in its unit, is what nanoTime reads on Linux.
        tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** The relay is about to end, and may take so long. */
    void stopping(long seconds) {
        tell("STOPPING=1\nSTATUS=sending clients away\nEXTEND_TIMEOUT_USEC=" + seconds * 1_000_000);
    }

    private void tell(String state) {
        if (socket.isEmpty()) {
            return;
        }
        if (!Epoll.isAvailable()) {
            LOG.log(System.Logger.Level.WARNING, "relay: {0} is set, but cannot be written to here", SOCKET_VARIABLE);
            return;
        }
        byte[] path = socket.getBytes(UTF_8);
        if (path[0] == '@') {
            path[0] = 0;
        }
        byte[] bytes = state.getBytes(UTF_8);
        var buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        var sender = Socket.newSocketDomainDgram();
        try {
            sender.sendToDomainSocket(buffer, 0, bytes.length, path);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "relay: the service manager does not hear: " + e.getMessage());
        } finally {
            try {
                sender.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "relay: socket to the service manager", e);
            }
        }
    }
}
