package io.teahouse.relay.server.access;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A connection to the service that is asked, for one request at a time.
 *
 * <p>Not {@code java.net.http}: that adds {@code content-length} and {@code user-agent} to what the reference sends, and its time
 * limit ends where a body begins.
 *
 * <p>Blocks its thread, which has to be a virtual one: to interrupt it closes the socket, and that is the only time limit.
 * For one thread at a time.
 */
final class CalloutConnection implements Closeable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private CalloutConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1024);
        this.out = socket.getOutputStream();
    }

    /** Connects to one of the addresses of the service, and makes sure that it is the service if it is asked over TLS. */
    static CalloutConnection open(HttpCallout callout, Supplier<SSLSocketFactory> tls) throws IOException {
        var plain = connect(callout);
        try {
            return new CalloutConnection(callout.isSecure() ? secure(plain, callout, tls) : plain);
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private static Socket connect(HttpCallout callout) throws IOException {
        var addresses = InetAddress.getAllByName(callout.host());
        // An address that does not answer leaves time for the others.
        int patienceMillis = Math.max(1, (int) (callout.timeout().toMillis() / addresses.length));
        IOException failure = new IOException("no address");
        for (var address : addresses) {
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, callout.port()), patienceMillis);
                return socket;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        throw failure;
    }

    private static Socket secure(Socket plain, HttpCallout callout, Supplier<SSLSocketFactory> tls) throws IOException {
        var socket = (SSLSocket) tls.get().createSocket(plain, callout.host(), callout.port(), true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Sends a request and reads the answer to it. */
    CalloutAnswer exchange(byte[] request) throws IOException {
        out.write(request);
        out.flush();
        return CalloutAnswer.read(in);
    }

    /**
     * Whether nothing has come that nobody asked for. What has would be taken for the answer to the next request, and let in
     * or turn away the wrong client.
     */
    boolean isSilent() throws IOException {
        return in.available() == 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
