package io.teahouse.interop;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayProtocolException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A client of the relay on a WebSocket that nobody here wrote: our frames, somebody else's way to carry them.
 *
 * <p>Not thread-safe.
 */
final class ForeignRelayClient implements AutoCloseable {
    private final EndpointId id;
    private final ForeignWebSocket webSocket;
    private final BlockingQueue<ForeignWebSocket.Event> events;
    private final ProtocolVersion version;

    private ForeignRelayClient(
            EndpointId id, ForeignWebSocket webSocket, BlockingQueue<ForeignWebSocket.Event> events) {
        this.id = id;
        this.webSocket = webSocket;
        this.events = events;
        this.version = Arrays.stream(ProtocolVersion.values())
                .filter(known -> known.subprotocol().equals(webSocket.subprotocol()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("subprotocol: \"%s\"".formatted(webSocket.subprotocol())));
    }

    /** Opens a WebSocket to a relay. */
    @FunctionalInterface
    interface Opening {
        /**
         * {@return a WebSocket, open}
         *
         * @param uri          {@code ws} or {@code wss}
         * @param subprotocols what to offer, in this order
         * @param events       takes what comes
         * @throws Exception when it cannot be opened
         */
        ForeignWebSocket open(URI uri, List<String> subprotocols, BlockingQueue<ForeignWebSocket.Event> events)
                throws Exception;
    }

    /**
     * Connects with a fresh key, and proves it by answering the relay's challenge.
     *
     * @param library  whose WebSocket
     * @param relay    where, {@code http} or {@code https}
     * @param tls      whom to trust, if not those whom Java trusts
     * @param versions what to offer, in this order
     * @return the client, admitted
     * @throws Exception when it does not come to that
     */
    static ForeignRelayClient connect(
            ForeignWebSocket.Library library, URI relay, Optional<SSLContext> tls, ProtocolVersion... versions)
            throws Exception {
        return connect((uri, offered, events) -> library.open(uri, tls, offered, events), relay, versions);
    }

    /**
     * Connects with a fresh key, and proves it by answering the relay's challenge.
     *
     * @param opening  opens the WebSocket
     * @param relay    where, {@code http} or {@code https}
     * @param versions what to offer, in this order
     * @return the client, admitted
     * @throws Exception when it does not come to that
     */
    static ForeignRelayClient connect(Opening opening, URI relay, ProtocolVersion... versions) throws Exception {
        var secretKey = SecretKey.generate(new SecureRandom());
        var events = new LinkedBlockingQueue<ForeignWebSocket.Event>();
        var webSocket = opening.open(
                URI.create(relay.resolve("/relay").toString().replaceFirst("^http", "ws")),
                Arrays.stream(versions).map(ProtocolVersion::subprotocol).toList(),
                events);
        var client = new ForeignRelayClient(secretKey.endpointId(), webSocket, events);
        try {
            client.authenticate(new ClientHandshake(secretKey));
            return client;
        } catch (Exception | AssertionError e) {
            client.close();
            throw e;
        }
    }

    private void authenticate(ClientHandshake handshake) throws InterruptedException {
        handshake.start(KeyMaterialExporter.NONE);
        while (true) {
            switch (handshake.handleMessage(receiveMessage())) {
                case ClientHandshake.Step.SendAuth(byte[] message) -> webSocket.send(message);
                case ClientHandshake.Step.Confirmed() -> {
                    return;
                }
                case ClientHandshake.Step.Denied(String reason) -> throw new AssertionError("denied: " + reason);
                case ClientHandshake.Step.Failed(String reason) -> throw new AssertionError("failed: " + reason);
            }
        }
    }

    EndpointId id() {
        return id;
    }

    ProtocolVersion version() {
        return version;
    }

    ForeignWebSocket webSocket() {
        return webSocket;
    }

    void send(RelayFrame.FromClient frame) {
        webSocket.send(FrameCodec.encode(frame));
    }

    /**
     * {@return the next frame of the relay; pings are answered and not told}
     *
     * @throws RelayProtocolException when it is none
     */
    RelayFrame.FromRelay receive() throws InterruptedException, RelayProtocolException {
        while (true) {
            var frame = FrameCodec.decodeFromRelay(receiveMessage(), version);
            if (frame instanceof RelayFrame.Ping(long payload)) {
                send(new RelayFrame.Pong(payload));
            } else {
                return frame;
            }
        }
    }

    private ByteBuffer receiveMessage() throws InterruptedException {
        return switch (receiveEvent()) {
            case ForeignWebSocket.Event.Message(byte[] bytes) -> ByteBuffer.wrap(bytes);
            case ForeignWebSocket.Event.Pong _ -> throw new AssertionError("a pong (expected: a message)");
            case ForeignWebSocket.Event.Ended(String how) -> throw new AssertionError("the end: " + how);
        };
    }

    /**
     * {@return what comes next, whatever it is}
     */
    ForeignWebSocket.Event receiveEvent() throws InterruptedException {
        var event = events.poll(Program.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing came within %d s".formatted(Program.DEADLINE.toSeconds()));
        }
        return event;
    }

    @Override
    public void close() {
        webSocket.close();
    }
}
