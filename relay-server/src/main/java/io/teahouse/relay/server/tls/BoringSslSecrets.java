package io.teahouse.relay.server.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSLContext;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;

/**
 * Keying material of BoringSSL sessions, for which its Java binding has no method: the library reports the exporter secret
 * of a TLS 1.3 session to whoever asks for a key log, and {@link KeySchedule} makes of it what the exporter would.
 *
 * <p>A secret is kept from the end of a session's handshake until {@link TlsSession#forget}, in memory alone. Under TLS 1.2
 * there is none, so there is no keying material and the client signs the challenge.
 */
final class BoringSslSecrets implements SessionSecrets {
    private static final System.Logger LOG = System.getLogger(BoringSslSecrets.class.getName());
    private static final byte[] EXPORTER_LINE = "EXPORTER_SECRET ".getBytes(StandardCharsets.US_ASCII);

    /** By address of the session; an entry is made only for sessions that {@link #session} was asked for. */
    private final ConcurrentHashMap<Long, byte[]> secrets = new ConcurrentHashMap<>();

    /** Begins to listen for the secrets of a context's sessions; of contexts that are not listened to there are none. */
    void listenTo(ReferenceCountedOpenSslContext context) {
        try {
            SSLContext.setKeyLogCallback(BoringSslHandle.of(context), this::onKeyLog);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "tls: no keying material, clients sign a challenge", e);
        }
    }

    private void onKeyLog(long session, byte[] line) {
        if (line.length <= EXPORTER_LINE.length) {
            return;
        }
        for (int i = 0; i < EXPORTER_LINE.length; i++) {
            if (line[i] != EXPORTER_LINE[i]) {
                return;
            }
        }
        secrets.replace(session, line);
    }

    @Override
    public TlsSession session(SSLEngine engine) {
        long session = ((ReferenceCountedOpenSslEngine) engine).sslPointer();
        secrets.put(session, new byte[0]);
        return new TlsSession() {
            @Override
            public KeyMaterialExporter exporter() {
                return context -> secretOf(secrets.getOrDefault(session, new byte[0]))
                        .map(secret -> KeySchedule.export(
                                secret, KeyMaterialExporter.LABEL, context, KeyMaterialExporter.LENGTH));
            }

            @Override
            public void forget() {
                secrets.remove(session);
            }
        };
    }

    /** Returns the secret in a line of the key log: label, client random and secret, in hex. */
    private static Optional<byte[]> secretOf(byte[] line) {
        var text = new String(line, StandardCharsets.US_ASCII).strip();
        int lastSpace = text.lastIndexOf(' ');
        return lastSpace < 0 ? Optional.empty() : Optional.of(HexFormat.of().parseHex(text.substring(lastSpace + 1)));
    }
}
