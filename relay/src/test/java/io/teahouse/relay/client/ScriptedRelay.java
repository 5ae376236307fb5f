package io.teahouse.relay.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A server of bytes that does what a test tells it, laid out from the documents without any of the code that is under test. Each
 * connection runs the script on a thread of its own; what the script throws, the test sees in {@link #close}.
 */
final class ScriptedRelay implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    /** What the relay does with one connection. */
    @FunctionalInterface
    interface Script {
        void run(Peer peer) throws Exception;
    }

    private final ServerSocket server;
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

    ScriptedRelay(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), script);
    }

    ScriptedRelay(InetAddress address, Script script) throws IOException {
        server = new ServerSocket(0, 50, address);
        Thread.ofVirtual().start(() -> accept(script));
    }

    private void accept(Script script) {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        socket.setSoTimeout(PATIENCE_MILLIS);
                        script.run(new Peer(socket));
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    /** Returns a URL at which nobody listens. */
    static String urlOfNobody() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + taken.getLocalPort();
        }
    }

    int port() {
        return server.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() throws IOException {
        server.close();
        var failure = failures.poll();
        if (failure != null) {
            throw new AssertionError("script: " + failure, failure);
        }
    }

    /** Waits for a script that says so to fail, and forgets it. */
    void awaitFailure() throws InterruptedException {
        if (failures.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) == null) {
            throw new AssertionError("the script did not fail");
        }
    }

    /** One connection, seen from the relay. */
    static final class Peer {
        final Socket socket;
        private final InputStream in;
        private boolean upgraded;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
        }

        /** Returns what comes up to the empty line. */
        String readHead() throws IOException {
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    throw new EOFException("in the head: " + head);
                }
                head.append((char) b);
            }
            return head.toString();
        }

        /** Returns the value of a header, or empty text. */
        static String header(String head, String name) {
            return head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("");
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        }

        void writeHex(String hex) throws IOException {
            socket.getOutputStream().write(HexFormat.of().parseHex(hex));
        }

        static String switching(String request, String protocol) throws Exception {
            var accept = Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((header(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(ISO_8859_1)));
            return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + accept + "\r\nSec-WebSocket-Protocol: " + protocol + "\r\n\r\n";
        }

        /** Does the upgrade; returns the request. */
        String upgrade(String protocol) throws Exception {
            var request = readHead();
            write(switching(request, protocol));
            upgraded = true;
            return request;
        }

        /** Upgrades, lets the client in without a challenge, and reads its ping, which is answered. */
        String letIn(String protocol) throws Exception {
            var request = upgrade(protocol);
            say("02");
            var ping = hear();
            if (!ping.startsWith("09")) {
                throw new AssertionError("first message: " + ping);
            }
            say("0a" + ping.substring(2));
            return request;
        }

        /** Writes a binary message. */
        void say(String hex) throws IOException {
            var payload = HexFormat.of().parseHex(hex);
            var out = ByteBuffer.allocate(10 + payload.length).put((byte) 0x82);
            if (payload.length < 126) {
                out.put((byte) payload.length);
            } else if (payload.length < 65_536) {
                out.put((byte) 126).putShort((short) payload.length);
            } else {
                out.put((byte) 127).putLong(payload.length);
            }
            out.put(payload);
            socket.getOutputStream().write(out.array(), 0, out.position());
        }

        /** Returns the next message, in hex; a control frame behind its opcode and a colon. */
        String hear() throws IOException {
            var header = in.readNBytes(2);
            if (header.length < 2) {
                throw new EOFException("between frames");
            }
            int opcode = header[0] & 0x0F;
            if ((header[0] & 0x80) == 0 || (header[1] & 0x80) == 0) {
                throw new AssertionError(
                        "not whole, or not masked: " + HexFormat.of().formatHex(header));
            }
            long length = header[1] & 0x7F;
            if (length == 126) {
                length = ByteBuffer.wrap(in.readNBytes(2)).getShort() & 0xFFFF;
            } else if (length == 127) {
                length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
            }
            var mask = in.readNBytes(4);
            var payload = in.readNBytes((int) length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            return (opcode == 2 ? "" : opcode + ":") + HexFormat.of().formatHex(payload);
        }

        /** Waits for the end of what the client sends, or for its goodbye. */
        void awaitEnd() throws IOException {
            try {
                while (upgraded && !hear().startsWith("8:")) {
                    // what it still said
                }
                if (upgraded) {
                    return;
                }
                while (in.read() >= 0) {
                    // what it still said
                }
            } catch (EOFException | SocketException _) {
                // it ended all the same
            }
        }
    }
}
