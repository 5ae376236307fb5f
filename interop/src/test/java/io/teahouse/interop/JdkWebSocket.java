package io.teahouse.interop;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The WebSocket of {@code java.net.http}. */
final class JdkWebSocket implements ForeignWebSocket {
    private final HttpClient client;
    private final WebSocket webSocket;

    private JdkWebSocket(HttpClient client, WebSocket webSocket) {
        this.client = client;
        this.webSocket = webSocket;
    }

    static JdkWebSocket open(URI uri, Optional<SSLContext> tls, List<String> subprotocols, BlockingQueue<Event> events)
            throws Exception {
        var builder = HttpClient.newBuilder();
        tls.ifPresent(builder::sslContext);
        return open(builder, Map.of(), uri, subprotocols, events);
    }

    /**
     * Opens one.
     *
     * @param builder how to connect
     * @param headers what to send beside what has to be sent
     */
    static JdkWebSocket open(
            HttpClient.Builder builder,
            Map<String, String> headers,
            URI uri,
            List<String> subprotocols,
            BlockingQueue<Event> events)
            throws Exception {
        var client = builder.build();
        try {
            var opening = client.newWebSocketBuilder();
            headers.forEach(opening::header);
            var webSocket = opening.subprotocols(
                            subprotocols.getFirst(),
                            subprotocols.stream().skip(1).toArray(String[]::new))
                    .buildAsync(uri, new Listener(events))
                    .get(Program.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            return new JdkWebSocket(client, webSocket);
        } catch (Exception e) {
            client.shutdownNow();
            throw e;
        }
    }

    @Override
    public String subprotocol() {
        return webSocket.getSubprotocol();
    }

    @Override
    public void send(byte[] message) {
        webSocket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    @Override
    public void ping(byte[] payload) {
        webSocket.sendPing(ByteBuffer.wrap(payload)).join();
    }

    @Override
    public void close() {
        if (!webSocket.isOutputClosed()) {
            webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
        webSocket.abort();
        client.shutdownNow();
    }

    /** Called by one thread at a time. */
    private static final class Listener implements WebSocket.Listener {
        private final BlockingQueue<Event> events;
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        Listener(BlockingQueue<Event> events) {
            this.events = events;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer part, boolean last) {
            message.writeBytes(bytes(part));
            if (last) {
                events.add(new Event.Message(message.toByteArray()));
                message.reset();
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer payload) {
            events.add(new Event.Pong(bytes(payload)));
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            events.add(new Event.Ended("close frame %d %s".formatted(code, reason)));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            events.add(new Event.Ended(error.toString()));
        }

        private static byte[] bytes(ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }
    }
}
