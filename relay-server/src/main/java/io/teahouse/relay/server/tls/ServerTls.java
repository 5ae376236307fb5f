package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.teahouse.relay.server.metrics.Figure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The TLS side of the listener: TLS 1.2 and 1.3, no client certificates, no ALPN (iroh relay server spec, section 3), and the
 * certificate that it shows, which can be replaced under open connections. A {@link CertificateKeeper} sees to that.
 *
 * <p>BoringSSL where its library loads, else the JDK. Safe for use by many threads.
 */
public final class ServerTls implements AutoCloseable {
    /** How long a TLS handshake may take: 10 s. */
    private static final long HANDSHAKE_SECONDS = 10;

    /** Plaintext of a full record. */
    private static final int RECORD_BYTES = 16 * 1024;

    private final TlsContexts contexts = TlsContexts.ofThisMachine();
    private final AlpnChallenges challenges = new AlpnChallenges(contexts);
    private volatile @Nullable ContextInForce context;
    private volatile @Nullable ServerCertificate certificate;
    private boolean closed;

    /** Begins without a certificate: all handshakes are refused. */
    public ServerTls() {}

    /**
     * Shows a certificate to the clients that connect from now on. Connections that are open stay as they are.
     *
     * @param next the certificate
     * @throws IOException when the TLS engine cannot use it; the one that was shown before still is
     */
    public synchronized void show(ServerCertificate next) throws IOException {
        if (closed) {
            return;
        }
        var made = contexts.make(next);
        var before = context;
        if (before == null) {
            context = new ContextInForce(made);
        } else {
            before.replace(made);
        }
        certificate = next;
    }

    /**
     * {@return the certificate that is shown, if there is one}
     */
    public Optional<ServerCertificate> certificate() {
        return Optional.ofNullable(certificate);
    }

    /**
     * {@return what is shown to a certification authority that asks at the TLS port whether a name is ours}
     */
    public AlpnChallenges challenges() {
        return challenges;
    }

    /**
     * Puts TLS between a connection and what comes after in its pipeline.
     *
     * @param accepted the connection, with nothing in its pipeline that reads
     * @return what is to be known of its session
     */
    public TlsSession secure(Channel accepted) {
        var shown = context;
        // Looking into each handshake costs, so that is done only while there is something to see.
        if (shown == null || challenges.arePending()) {
            accepted.pipeline().addLast(new ClientHelloGate(challenges));
        }
        if (shown == null) {
            return TlsSession.NONE;
        }
        var handler = limit(shown.newHandler(accepted.alloc()));
        accepted.pipeline().addLast(handler);
        return session(handler);
    }

    /** Returns a handler for one connection, which shows the certificate that is in force now; there has to be one. */
    SslHandler newHandler(ByteBufAllocator allocator) {
        var shown = context;
        assert shown != null;
        return limit(shown.newHandler(allocator));
    }

    static SslHandler limit(SslHandler handler) {
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        // Longer than those who close connections here wait, so that they decide, and nobody logs that a client is
        // slow.
        handler.setCloseNotifyFlushTimeoutMillis(3000);
        handler.setWrapDataSize(RECORD_BYTES);
        return handler;
    }

    /** Returns what is to be known of the session of a connection, whose handler is from {@link #newHandler}. */
    TlsSession session(SslHandler handler) {
        return contexts.session(handler.engine());
    }

    /**
     * {@return what the metrics show of the certificate}
     */
    public List<Figure> figures() {
        return List.of(Figure.gauge(
                "tls_certificate_not_after_seconds",
                "When the TLS certificate in force expires, in seconds since 1970-01-01 UTC; 0 if there is none.",
                () -> certificate()
                        .map(shown -> shown.notAfter().getEpochSecond())
                        .orElse(0L)));
    }

    /** Frees native memory, that of open connections when they end; no handler may be made any more. */
    @Override
    public synchronized void close() {
        closed = true;
        challenges.close();
        var shown = context;
        if (shown != null) {
            shown.close();
        }
    }
}
