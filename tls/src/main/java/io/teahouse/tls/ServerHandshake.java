package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * The server's side of a handshake (RFC 8446, appendix A.2). The steps are {@link ServerAwaitsClientHello},
 * {@link ServerAwaitsCertificate}, {@link ServerAwaitsCertificateVerify}, {@link ServerAwaitsFinished} and
 * {@link ServerEstablished}.
 *
 * <p>After ClientHello the server can write 1-RTT packets already, and does not know yet to whom.
 */
public final class ServerHandshake implements Handshake {
    private final MessageFlow flow;

    /**
     * Creates one that waits for ClientHello.
     *
     * @param config              what the server is and demands
     * @param transportParameters as the client is to see them
     * @param random              everything rests on nobody else knowing what it gives
     */
    public ServerHandshake(ServerConfig config, Opaque transportParameters, SecureRandom random) {
        this.flow = new MessageFlow(config.keyLog());
        var parts = new ServerParts(config, flow, transportParameters, random);
        flow.begin(new ServerAwaitsClientHello(parts, Optional.empty()));
    }

    @Override
    public void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) throws TlsException {
        flow.handleBytes(level, bytes, now);
    }

    @Override
    public Optional<HandshakeOutput> pollOutput() {
        return flow.pollOutput();
    }

    @Override
    public boolean isComplete() {
        return flow.isComplete();
    }

    @Override
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return flow.export(label, context, length);
    }

    @Override
    public void close() {
        flow.close();
    }
}
