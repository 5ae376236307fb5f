package io.teahouse.interop;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.protocols.IProtocol;
import org.java_websocket.protocols.Protocol;

/** The WebSocket of {@code org.java-websocket}. */
final class JavaWebSocket implements ForeignWebSocket {
    private final WebSocketClient client;

    private JavaWebSocket(WebSocketClient client) {
        this.client = client;
    }

    static JavaWebSocket open(URI uri, Optional<SSLContext> tls, List<String> subprotocols, BlockingQueue<Event> events)
            throws Exception {
        var client = new Client(uri, subprotocols, events);
        tls.ifPresent(context -> client.setSocketFactory(context.getSocketFactory()));
        if (!client.connectBlocking(Program.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            client.close();
            throw new IOException("%s: no WebSocket: %s".formatted(uri, events));
        }
        return new JavaWebSocket(client);
    }

    @Override
    public String subprotocol() {
        return client.getProtocol().getProvidedProtocol();
    }

    @Override
    public void send(byte[] message) {
        client.send(message);
    }

    @Override
    public void ping(byte[] payload) {
        var ping = new PingFrame();
        ping.setPayload(ByteBuffer.wrap(payload));
        client.sendFrame(ping);
    }

    @Override
    public void close() {
        try {
            client.closeBlocking();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its callbacks are called by one thread at a time. */
    private static final class Client extends WebSocketClient {
        private final BlockingQueue<Event> events;

        Client(URI uri, List<String> subprotocols, BlockingQueue<Event> events) {
            super(
                    uri,
                    new Draft_6455(
                            List.of(),
                            subprotocols.stream().<IProtocol>map(Protocol::new).toList()));
            this.events = events;
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}

        @Override
        public void onMessage(String text) {
            events.add(new Event.Ended("text message (expected: binary ones only): " + text));
        }

        @Override
        public void onMessage(ByteBuffer payload) {
            events.add(new Event.Message(bytes(payload)));
        }

        @Override
        public void onWebsocketPong(WebSocket connection, Framedata frame) {
            events.add(new Event.Pong(bytes(frame.getPayloadData())));
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            events.add(new Event.Ended("closed %d %s".formatted(code, reason)));
        }

        @Override
        public void onError(Exception error) {
            events.add(new Event.Ended(error.toString()));
        }

        private static byte[] bytes(ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }
    }
}
