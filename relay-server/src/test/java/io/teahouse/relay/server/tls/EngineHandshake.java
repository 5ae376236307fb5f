package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two TLS engines that talk to each other through memory. */
final class EngineHandshake {
    private static final int ROOM = 64 * 1024;

    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer = ByteBuffer.allocate(ROOM);
    private final ByteBuffer toClient = ByteBuffer.allocate(ROOM);
    private final ByteBuffer readByServer = ByteBuffer.allocate(ROOM);
    private final ByteBuffer readByClient = ByteBuffer.allocate(ROOM);
    private int serversFlightBytes;

    EngineHandshake(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
    }

    /** Shakes hands, and then has a word go each way, so that both are done with whatever follows a handshake. */
    void run() throws SSLException {
        client.beginHandshake();
        for (int i = 0; i < 30; i++) {
            step(client, ByteBuffer.allocate(0), toServer, toClient, readByClient);
            step(server, ByteBuffer.allocate(0), toClient, toServer, readByServer);
            serversFlightBytes = Math.max(serversFlightBytes, toClient.position());
        }
        assertThat(client.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        step(client, bytes("ping"), toServer, toClient, readByClient);
        step(server, bytes("pong"), toClient, toServer, readByServer);
        step(client, ByteBuffer.allocate(0), toServer, toClient, readByClient);
        assertThat(readByServer.flip()).isEqualTo(bytes("ping"));
        assertThat(readByClient.flip()).isEqualTo(bytes("pong"));
    }

    /** Returns how much the server sent in one go: with its certificates, unless a session is resumed. */
    int serversFlightBytes() {
        return serversFlightBytes;
    }

    /** Returns what the client's end of the session exports. */
    byte[] exportOfClient(String label, byte[] context, int length) throws SSLException {
        return ((ExtendedSSLSession) client.getSession()).exportKeyingMaterialData(label, context, length);
    }

    /** Writes what an engine has to say, and then reads what it was told. */
    private static void step(SSLEngine engine, ByteBuffer words, ByteBuffer out, ByteBuffer in, ByteBuffer read)
            throws SSLException {
        runTasks(engine);
        int before;
        do {
            before = out.position();
            engine.wrap(words, out);
            runTasks(engine);
        } while (out.position() > before
                && (words.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP));
        in.flip();
        int left;
        do {
            left = in.remaining();
            engine.unwrap(in, read);
            runTasks(engine);
        } while (in.hasRemaining() && in.remaining() < left);
        in.compact();
    }

    private static void runTasks(SSLEngine engine) {
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
            task.run();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
