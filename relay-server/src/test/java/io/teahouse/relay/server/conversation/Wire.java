package io.teahouse.relay.server.conversation;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;

/**
 * The bytes of one connection, plain or TLS. Reading blocks, but never for longer than {@link #PATIENCE}: then the test has
 * failed.
 *
 * <p>One thread reads and one writes, who may be the same.
 */
final class Wire implements AutoCloseable {
    /** How long anything that is to come may take. Long, since the machine may be busy; nothing waits for it to pass. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket;
    private final InputStream in;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    }

    static Wire plain(InetSocketAddress address) throws IOException {
        return new Wire(connect(address, 0));
    }

    /** A connection that comes from some address of this machine, with bytes before everything else. */
    static Wire plain(InetAddress from, InetSocketAddress address, byte[] before) throws IOException {
        return new Wire(connect(from, address, before));
    }

    /** The same with TLS behind those bytes. */
    static Wire tls(InetAddress from, InetSocketAddress address, byte[] before) throws IOException {
        return tls(TestTls.client(connect(from, address, before)));
    }

    private static Socket connect(InetAddress from, InetSocketAddress address, byte[] before) throws IOException {
        var socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(address, (int) PATIENCE.toMillis());
        socket.getOutputStream().write(before);
        return socket;
    }

    /** A connection whose receive buffer is as small as the system allows, so that a peer soon cannot write on. */
    static Wire plainWithSmallWindow(InetSocketAddress address) throws IOException {
        return new Wire(connect(address, 4096));
    }

    static Wire tls(InetSocketAddress address, String... versions) throws IOException {
        return tls(TestTls.client(connect(address, 0), versions));
    }

    static Wire tlsWithSmallWindow(InetSocketAddress address) throws IOException {
        return tls(TestTls.client(connect(address, 4096)));
    }

    /** A connection over a TLS socket whose handshake has yet to begin. */
    static Wire tls(SSLSocket socket) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.startHandshake();
        return new Wire(socket);
    }

    static Socket connect(InetSocketAddress address, int receiveBuffer) throws IOException {
        var socket = new Socket();
        socket.setTcpNoDelay(true);
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        var ip = address.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address.getAddress();
        socket.connect(new InetSocketAddress(ip, address.getPort()), (int) PATIENCE.toMillis());
        return socket;
    }

    InetSocketAddress localAddress() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** The TLS session, if there is one. */
    Optional<ExtendedSSLSession> session() {
        return socket instanceof SSLSocket tls ? Optional.of((ExtendedSSLSession) tls.getSession()) : Optional.empty();
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void write(String ascii) throws IOException {
        write(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Takes more at once from now on. */
    void widenWindow() throws IOException {
        socket.setReceiveBufferSize(4 << 20);
    }

    /** Says that nothing more will be written; reading goes on. Over TLS that ends the session's writing side. */
    void closeOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection as a crash would: the peer sees a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Returns the next byte, or -1 at the end of the stream. */
    int read() throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        try {
            return in.read();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came, not even the end, within " + PATIENCE, e);
        }
    }

    byte[] readExactly(int count) throws IOException {
        var bytes = new byte[count];
        int read = 0;
        while (read < count) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            int more;
            try {
                more = in.read(bytes, read, count - read);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("only %d of %d bytes came within %s".formatted(read, count, PATIENCE), e);
            }
            if (more < 0) {
                throw new AssertionError("the stream ended after %d of %d bytes".formatted(read, count));
            }
            read += more;
        }
        return bytes;
    }

    /** Returns a line without its end; empty at the end of the stream. */
    Optional<String> readLine() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = read(); b != '\n'; b = read()) {
            if (b < 0) {
                if (line.size() > 0) {
                    throw new AssertionError("the stream ended within the line: " + line);
                }
                return Optional.empty();
            }
            line.write(b);
        }
        byte[] bytes = line.toByteArray();
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        return Optional.of(new String(Arrays.copyOf(bytes, length), StandardCharsets.ISO_8859_1));
    }

    /** Reads what comes until the peer has ended the connection, be it with a reset. */
    void skipToEnd() throws IOException {
        try {
            while (read() >= 0) {
                // It is of no interest.
            }
        } catch (SocketException _) {
            // The end all the same.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
