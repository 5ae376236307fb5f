package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.FrameType;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayProtocolException;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;

/**
 * A client that does what the test says, word for word: it can stop half-way, repeat itself, and break every rule.
 *
 * <p>It answers nothing by itself, but for pings of the relay, which come whenever the machine was busy for long enough; who
 * wants to see them says so. What it reads is checked as it comes: a frame that a relay may not send fails the test. One
 * thread reads and one writes, who may be the same.
 */
final class ScriptedClient implements AutoCloseable {
    /** Any key does; this one is in the vectors, with the answer that belongs to it. */
    static final String WEBSOCKET_KEY = "AQIDBAUGBwgJCgsMDQ4PEA==";

    static final String WEBSOCKET_ACCEPT = "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=";

    private static final AtomicInteger KEYS = new AtomicInteger();

    private final Wire wire;
    private ProtocolVersion version = ProtocolVersion.V2;
    private boolean answersPings = true;

    ScriptedClient(Wire wire) {
        this.wire = wire;
    }

    /** Opens a connection to where the relay is, and says nothing. */
    static ScriptedClient connect(RelayServer relay) throws IOException {
        return new ScriptedClient(
                relay.httpsAddress().isPresent()
                        ? Wire.tls(relay.httpsAddress().get())
                        : Wire.plain(relay.httpAddress()));
    }

    /** Opens a connection and becomes a client of the relay by the challenge. */
    static ScriptedClient admitted(RelayServer relay, SecretKey key) throws IOException {
        return admitted(relay, key, ProtocolVersion.V2);
    }

    static ScriptedClient admitted(RelayServer relay, SecretKey key, ProtocolVersion version) throws IOException {
        var client = connect(relay);
        client.beAdmitted(key, version);
        return client;
    }

    /** A key that nobody has had. */
    static SecretKey newKey() {
        return SecretKey.fromBytes(ByteBuffer.allocate(SecretKey.LENGTH)
                .putInt(KEYS.incrementAndGet())
                .array());
    }

    // ---- HTTP ----------------------------------------------------------------------------------------------------

    Wire wire() {
        return wire;
    }

    /** A request that becomes a relay connection. */
    static String upgradeRequest(ProtocolVersion version, String... moreHeaders) {
        return upgradeRequest("/relay", version, moreHeaders);
    }

    static String upgradeRequest(String target, ProtocolVersion version, String... moreHeaders) {
        var head = new StringBuilder("GET ")
                .append(target)
                .append(" HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
                .append("Sec-WebSocket-Key: " + WEBSOCKET_KEY + "\r\nSec-WebSocket-Version: 13\r\n")
                .append("Sec-WebSocket-Protocol: ")
                .append(version.subprotocol())
                .append("\r\n");
        for (var header : moreHeaders) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** Writes a request as it stands and reads its answer. */
    HttpReply exchange(String request) throws IOException {
        wire.write(request);
        return HttpReply.read(wire, request.substring(0, request.indexOf(' ')));
    }

    /** Asks for the upgrade and checks that it is granted; what the relay says first is still to be read. */
    HttpReply upgrade(ProtocolVersion wanted, String... moreHeaders) throws IOException {
        version = wanted;
        var reply = exchange(upgradeRequest(wanted, moreHeaders));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(101);
        assertThat(reply.header("sec-websocket-protocol")).contains(wanted.subprotocol());
        return reply;
    }

    // ---- handshake -----------------------------------------------------------------------------------------------

    void beAdmitted(SecretKey key, ProtocolVersion wanted, String... moreHeaders) throws IOException {
        upgrade(wanted, moreHeaders);
        answerChallenge(key);
        assertThat(nextMessage()).as("confirmation").containsExactly(2);
    }

    /** Reads the challenge and answers it; what the relay says to that is still to be read. */
    void answerChallenge(SecretKey key) throws IOException {
        sendBinary(authFor(key, nextMessage()));
    }

    /** Returns the message that answers a challenge. */
    static byte[] authFor(SecretKey key, byte[] challengeMessage) {
        var handshake = new ClientHandshake(key);
        assertThat(handshake.start(KeyMaterialExporter.NONE)).isEmpty();
        var step = handshake.handleMessage(ByteBuffer.wrap(challengeMessage));
        assertThat(step).isInstanceOf(ClientHandshake.Step.SendAuth.class);
        return ((ClientHandshake.Step.SendAuth) step).message();
    }

    /** Returns the request header that proves a key on this connection's TLS session. */
    String authHeader(SecretKey key) {
        var session = wire.session().orElseThrow(() -> new AssertionError("no TLS"));
        return new ClientHandshake(key)
                .start(context -> export(session, context))
                .map(value -> KeyMaterialExporter.HEADER_NAME + ": " + value)
                .orElseThrow(() -> new AssertionError("this session does not export"));
    }

    private static Optional<byte[]> export(ExtendedSSLSession session, byte[] context) {
        try {
            return Optional.of(
                    session.exportKeyingMaterialData(KeyMaterialExporter.LABEL, context, KeyMaterialExporter.LENGTH));
        } catch (SSLException e) {
            return Optional.empty();
        }
    }

    // ---- WebSocket -----------------------------------------------------------------------------------------------

    void sendBinary(byte[] message) throws IOException {
        wire.write(WebSocketFrame.masked(WebSocketFrame.BINARY, message));
    }

    void sendFrame(int opcode, byte[] payload) throws IOException {
        wire.write(WebSocketFrame.masked(opcode, payload));
    }

    /** From now on pings of the relay are for the test to answer. */
    void leavePingsToTheTest() {
        answersPings = false;
    }

    /** Returns the next frame; the stream may not have ended. */
    WebSocketFrame nextFrame() throws IOException {
        return readFrame().orElseThrow(() -> new AssertionError("the stream ended without a frame"));
    }

    private Optional<WebSocketFrame> readFrame() throws IOException {
        while (true) {
            var frame = WebSocketFrame.read(wire);
            if (!answersPings || frame.isEmpty() || !isPing(frame.get())) {
                return frame;
            }
            var pong = frame.get().payload();
            pong[0] = (byte) FrameType.PONG.code();
            sendBinary(pong);
        }
    }

    private static boolean isPing(WebSocketFrame frame) {
        return frame.opcode() == WebSocketFrame.BINARY
                && frame.payload().length == FrameLayout.PING_LENGTH
                && frame.payload()[0] == FrameType.PING.code();
    }

    /** Returns the next frame's payload; it has to be a binary message. */
    byte[] nextMessage() throws IOException {
        var frame = nextFrame();
        assertThat(frame.opcode()).as(frame.toString()).isEqualTo(WebSocketFrame.BINARY);
        return frame.payload();
    }

    /** Reads until the relay ends the stream, and returns what came before; a reset is an error. */
    List<WebSocketFrame> readToEnd() throws IOException {
        var frames = new ArrayList<WebSocketFrame>();
        for (var frame = readFrame(); frame.isPresent(); frame = readFrame()) {
            frames.add(frame.get());
        }
        return frames;
    }

    /** Checks that a close frame with one of these codes comes next, and after it the end of the stream. */
    void expectClosed(int... codes) throws IOException {
        var rest = readToEnd();
        assertThat(rest).hasSize(1);
        assertThat(rest.getFirst().isClose()).as(rest.toString()).isTrue();
        assertThat(rest.getFirst().closeCode())
                .as(rest.toString())
                .isIn(IntStream.of(codes).boxed().toList());
    }

    // ---- relay frames --------------------------------------------------------------------------------------------

    void sendDatagram(EndpointId destination, String contents) throws IOException {
        sendDatagram(destination, contents.getBytes(UTF_8));
    }

    void sendDatagram(EndpointId destination, byte[] contents) throws IOException {
        sendBinary(datagram(destination, contents));
    }

    static byte[] datagram(EndpointId destination, byte[] contents) {
        return FrameCodec.encode(
                new RelayFrame.SendDatagrams(destination, new Datagrams(0, 0, ByteBuffer.wrap(contents))));
    }

    /** Returns the next frame of the relay protocol. */
    RelayFrame.FromRelay next() throws IOException {
        var message = nextMessage();
        try {
            return FrameCodec.decodeFromRelay(ByteBuffer.wrap(message), version);
        } catch (RelayProtocolException e) {
            throw new AssertionError("the relay sent what no relay may send: " + e.getMessage(), e);
        }
    }

    /** Returns the contents of the next frame, which has to be a single datagram from an endpoint. */
    byte[] nextDatagram(EndpointId source) throws IOException {
        var frame = next();
        assertThat(frame).isInstanceOf(RelayFrame.ReceivedDatagrams.class);
        var received = (RelayFrame.ReceivedDatagrams) frame;
        assertThat(received.source()).isEqualTo(source);
        assertThat(received.datagrams().isBatch()).isFalse();
        return bytes(received.datagrams().contents());
    }

    void expectDatagram(EndpointId source, String contents) throws IOException {
        assertThat(new String(nextDatagram(source), UTF_8)).isEqualTo(contents);
    }

    static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    void sendPing(long payload) throws IOException {
        sendBinary(FrameCodec.encode(new RelayFrame.Ping(payload)));
    }

    void sendPong(long payload) throws IOException {
        sendBinary(FrameCodec.encode(new RelayFrame.Pong(payload)));
    }

    void expect(RelayFrame.FromRelay frame) throws IOException {
        assertThat(next()).isEqualTo(frame);
    }

    /**
     * Checks that the connection is alive and that the relay has sent nothing that was not read: the next frame answers
     * this ping. Whatever the relay made of earlier input of this client is done by then.
     */
    void expectQuietAndAlive() throws IOException {
        long payload = System.nanoTime();
        sendPing(payload);
        expect(new RelayFrame.Pong(payload));
    }

    /** Closes the connection without a word. */
    void hangUp() throws IOException {
        wire.close();
    }

    @Override
    public void close() throws IOException {
        hangUp();
    }
}
