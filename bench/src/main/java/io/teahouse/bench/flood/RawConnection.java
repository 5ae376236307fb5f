package io.teahouse.bench.flood;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A connection to a relay that says no more than its owner wants, which trusts every certificate. For one thread. */
final class RawConnection implements AutoCloseable {
    private static final int TIMEOUT_MS = 60_000;
    private static final int HEAD_MAX = 8192;
    private static final int MASKED = 0x80;
    private static final int FINAL_BINARY = 0x82;

    private final Socket socket;
    private final DataInputStream in;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** Opens one to the relay, with TLS and without a request if the URL says so. */
    static RawConnection open(URI url) throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        if (!url.getScheme().equals("https")) {
            return new RawConnection(socket);
        }
        return new RawConnection(
                Tls.CONTEXT.getSocketFactory().createSocket(socket, url.getHost(), url.getPort(), true));
    }

    /** Opens one without TLS to the port of a URL, whatever its scheme. */
    static RawConnection openPlain(URI url) throws IOException {
        return open(URI.create("http://%s:%d".formatted(url.getHost(), url.getPort())));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Waits until the other side says something or has closed. */
    boolean awaitByte() throws IOException {
        return in.read() >= 0;
    }

    /** Waits until the other side has closed. */
    void awaitEnd() throws IOException {
        in.transferTo(java.io.OutputStream.nullOutputStream());
    }

    /** Becomes a WebSocket of the relay protocol, and says nothing on it. */
    void upgrade() throws IOException {
        write("""
                GET /relay HTTP/1.1\r
                host: relay\r
                connection: upgrade\r
                upgrade: websocket\r
                sec-websocket-version: 13\r
                sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r
                sec-websocket-protocol: iroh-relay-v2\r
                \r
                """.getBytes(US_ASCII));
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            if (head.length() > HEAD_MAX) {
                throw new IOException("relay: a head of more than %d bytes".formatted(HEAD_MAX));
            }
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("relay: " + head.substring(0, head.indexOf("\r\n")));
        }
    }

    /** Proves a new key, once upgraded. */
    void authenticate() throws IOException {
        var handshake = new ClientHandshake(SecretKey.generate(new SecureRandom()));
        var _ = handshake.start(KeyMaterialExporter.NONE);
        while (true) {
            switch (handshake.handleMessage(readMessage())) {
                case ClientHandshake.Step.SendAuth(byte[] message) -> write(frame(message));
                case ClientHandshake.Step.Confirmed() -> {
                    return;
                }
                case ClientHandshake.Step.Denied(String reason) -> throw new IOException("relay: " + reason);
                case ClientHandshake.Step.Failed(String reason) -> throw new IOException("relay: " + reason);
            }
        }
    }

    private ByteBuffer readMessage() throws IOException {
        in.readByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        }
        var message = new byte[length];
        in.readFully(message);
        return ByteBuffer.wrap(message);
    }

    /** A message of up to 64 KiB as a WebSocket frame, masked with zeros, which is a mask like any other. */
    static byte[] frame(byte[] message) {
        var frame = ByteBuffer.allocate(message.length + 8);
        frame.put((byte) FINAL_BINARY);
        if (message.length < 126) {
            frame.put((byte) (MASKED | message.length));
        } else {
            frame.put((byte) (MASKED | 126)).putShort((short) message.length);
        }
        frame.putInt(0).put(message);
        var bytes = new byte[frame.position()];
        frame.get(0, bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Made once it is needed. */
    private static final class Tls {
        static final SSLContext CONTEXT = create();

        private static SSLContext create() {
            try {
                var context = SSLContext.getInstance("TLSv1.3");
                context.init(null, new TrustManager[] {new EveryCertificate()}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class EveryCertificate implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
