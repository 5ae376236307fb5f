package io.teahouse.cli.rehearsal;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.FrameType;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The least that the relay takes for an endpoint: one thread sends, and waits for what comes. */
final class RelayClient implements AutoCloseable {
    private static final long TIME_MAX_SECONDS = 10;

    private final EndpointId endpointId;
    private final Inbox inbox;
    private final WebSocket webSocket;

    private RelayClient(EndpointId endpointId, Inbox inbox, WebSocket webSocket) {
        this.endpointId = endpointId;
        this.inbox = inbox;
        this.webSocket = webSocket;
    }

    /** Connects and proves the key; returns when the relay has let the client in. */
    static RelayClient connect(HttpClient http, URI relayUrl, SecretKey key) throws InterruptedException {
        var handshake = new ClientHandshake(key);
        // The JDK's client does not give out keying material, so the relay sends a challenge.
        var _ = handshake.start(KeyMaterialExporter.NONE);
        var inbox = new Inbox();
        var url = URI.create(relayUrl.toString().replaceFirst("^http", "ws")).resolve("/relay");
        var webSocket = http.newWebSocketBuilder()
                .subprotocols(ProtocolVersion.V2.subprotocol())
                .buildAsync(url, inbox)
                .join();
        var client = new RelayClient(key.endpointId(), inbox, webSocket);
        while (true) {
            switch (handshake.handleMessage(inbox.next())) {
                case ClientHandshake.Step.SendAuth(byte[] message) -> client.write(message);
                case ClientHandshake.Step.Confirmed() -> {
                    return client;
                }
                case ClientHandshake.Step.Denied(String reason) -> throw new IllegalStateException(reason);
                case ClientHandshake.Step.Failed(String reason) -> throw new IllegalStateException(reason);
            }
        }
    }

    EndpointId endpointId() {
        return endpointId;
    }

    void send(EndpointId destination, int bytes) {
        var datagrams = new Datagrams(0, 0, ByteBuffer.allocate(bytes));
        write(FrameCodec.encode(new RelayFrame.SendDatagrams(destination, datagrams)));
    }

    void awaitDatagram() throws InterruptedException {
        while (inbox.next().get() != FrameType.RELAY_TO_CLIENT_DATAGRAM.code()) {
            // something else the relay had to say
        }
    }

    @Override
    public void close() {
        webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    private void write(byte[] message) {
        webSocket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    /** Whole messages from the relay, in order. */
    private static final class Inbox implements WebSocket.Listener {
        private final BlockingQueue<ByteBuffer> messages = new LinkedBlockingQueue<>();

        ByteBuffer next() throws InterruptedException {
            var message = messages.poll(TIME_MAX_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new IllegalStateException("relay: no message for %d s".formatted(TIME_MAX_SECONDS));
            }
            return message;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            messages.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
            webSocket.request(1);
            return CompletableFuture.completedStage(null);
        }
    }
}
