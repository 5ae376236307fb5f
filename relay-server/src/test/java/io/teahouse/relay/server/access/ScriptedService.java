package io.teahouse.relay.server.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service that says who may use a relay: answers what the test says, word for word, and writes down what it was asked. Safe
 * for use by many threads.
 */
public final class ScriptedService implements AutoCloseable {
    /** Makes an answer; may block. */
    @FunctionalInterface
    public interface Script {
        /** Returns what is written, as it stands; the connection is kept unless it ends with {@link #HANG_UP}. */
        String answer(String request) throws Exception;
    }

    /** At the end of an answer: closes the connection behind it. */
    public static final String HANG_UP = "\0";

    private final ServerSocket listener;
    private final String scheme;
    private final Script script;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();

    private ScriptedService(ServerSocket listener, String scheme, Script script) {
        this.listener = listener;
        this.scheme = scheme;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    public static ScriptedService start(Script script) throws IOException {
        return new ScriptedService(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), "http", script);
    }

    static ScriptedService overTls(ServerSocket listener, Script script) {
        return new ScriptedService(listener, "https", script);
    }

    /** An answer with a length, after which the connection can be used again. */
    public static String answer(int status, String body) {
        return "HTTP/1.1 %d Whatever\r\ncontent-length: %d\r\n\r\n%s".formatted(status, body.length(), body);
    }

    public URI url(String target) {
        return URI.create("%s://localhost:%d%s".formatted(scheme, listener.getLocalPort(), target));
    }

    int port() {
        return listener.getLocalPort();
    }

    /** All requests so far, as they came. */
    public List<String> requests() {
        return requests;
    }

    /** How many connections there were so far. */
    int connections() {
        return connections.size();
    }

    /** How many connections neither side has closed. */
    int open() {
        return open.get();
    }

    /** Closes the connections that there are, and takes new ones. */
    void hangUp() throws IOException {
        for (var connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                var connection = listener.accept();
                connections.add(connection);
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            // Closed, as it has to be some time.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = new BufferedInputStream(connection.getInputStream());
            while (true) {
                var request = readHead(in);
                if (request.isEmpty()) {
                    return;
                }
                requests.add(request);
                var answer = script.answer(request);
                boolean hangsUp = answer.endsWith(HANG_UP);
                connection
                        .getOutputStream()
                        .write(answer.substring(0, answer.length() - (hangsUp ? 1 : 0))
                                .getBytes(ISO_8859_1));
                if (hangsUp) {
                    return;
                }
            }
        } catch (Exception e) {
            // Whoever asked has gone, or the test is over.
        } finally {
            open.decrementAndGet();
        }
    }

    private static String readHead(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        hangUp();
    }
}
