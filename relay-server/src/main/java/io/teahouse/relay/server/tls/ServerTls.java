package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.metrics.Figure;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The TLS side of the listener: TLS 1.2 and 1.3, no client certificates, no ALPN (iroh relay server spec, section 3), and the
 * certificate that it shows, which can be replaced under open connections.
 *
 * <p>BoringSSL where its library loads, else the JDK. Safe for use by many threads.
 */
public final class ServerTls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());

    /** How long a TLS handshake may take: 10 s. */
    private static final long HANDSHAKE_SECONDS = 10;

    /** Plaintext of a full record. */
    private static final int RECORD_BYTES = 16 * 1024;

    /** How often a certificate whose files are not watched is looked at, to see it expire: 1 h. */
    private static final Duration EXPIRY_INTERVAL = Duration.ofHours(1);

    private final Tls config;
    private final InstantSource clock;
    private final TlsContexts contexts = TlsContexts.ofThisMachine();
    private final ContextInForce context;
    private final CertificateWatch watch;
    private final LongAdder reloads = new LongAdder();
    private final LongAdder failedReloads = new LongAdder();

    /** Held while files are read and checked. */
    private final Object reloading = new Object();

    private CertificateFiles filesInForce;
    private CertificateFiles filesSeen;
    private ExpiryReminder reminder;
    private volatile ServerCertificate certificate;

    /** What both files held at about the same time. */
    private record CertificateFiles(FileContents chain, FileContents key) {
        static CertificateFiles read(Tls config) {
            return new CertificateFiles(
                    FileContents.read(config.certificateChain()), FileContents.read(config.privateKey()));
        }

        boolean holdSameAs(CertificateFiles other) {
            return chain.holdsSameAs(other.chain) && key.holdsSameAs(other.key);
        }
    }

    private ServerTls(Tls config, InstantSource clock) throws IOException {
        this.config = config;
        this.clock = clock;
        filesInForce = CertificateFiles.read(config);
        filesSeen = filesInForce;
        certificate = ServerCertificate.of(filesInForce.chain, filesInForce.key);
        context = new ContextInForce(contexts.make(certificate));
        reminder = new ExpiryReminder(certificate);
        LOG.log(System.Logger.Level.INFO, "tls: certificate for " + inWords(certificate));
        remind();
        watch = new CertificateWatch(config.reloadInterval().orElse(EXPIRY_INTERVAL), this::lookAfter);
    }

    /**
     * Reads certificate and key, and from then on looks whether they change, if the configuration says so.
     *
     * @param config where they are
     * @return TLS that shows them
     * @throws IOException when they cannot be read, are not understood or do not belong together; the message says what
     *                     and where
     */
    public static ServerTls load(Tls config) throws IOException {
        return load(config, InstantSource.system());
    }

    static ServerTls load(Tls config, InstantSource clock) throws IOException {
        return new ServerTls(config, clock);
    }

    /**
     * {@return a handler for one connection, which shows the certificate that is in force now}
     *
     * @param allocator makes its buffers
     */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        var handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        // Longer than those who close connections here wait, so that they decide, and nobody logs that a client is
        // slow.
        handler.setCloseNotifyFlushTimeoutMillis(3000);
        handler.setWrapDataSize(RECORD_BYTES);
        return handler;
    }

    /**
     * {@return what is to be known of the session of a connection}
     *
     * @param handler of that connection, from {@link #newHandler}
     */
    public TlsSession session(SslHandler handler) {
        return contexts.session(handler.engine());
    }

    /**
     * Reads certificate and key again, and shows them to the clients that connect from now on, if they are others than
     * before and all is well with them. Connections that are open stay as they are. Blocks while it reads.
     *
     * @return whether another pair is in force now; false if the files hold the one that was
     * @throws IOException when they cannot be used, so that the pair that was in force still is; the message says what is
     *                     wrong and where
     */
    public boolean reload() throws IOException {
        synchronized (reloading) {
            return take(CertificateFiles.read(config));
        }
    }

    /** What there is to do from time to time. */
    void lookAfter() {
        synchronized (reloading) {
            if (config.reloadInterval().isPresent()) {
                reloadIfChanged();
            }
            remind();
        }
    }

    private void reloadIfChanged() {
        var files = CertificateFiles.read(config);
        if (files.holdSameAs(filesSeen)) {
            return;
        }
        try {
            if (!take(files)) {
                LOG.log(System.Logger.Level.INFO, "tls: the files hold the certificate in force again");
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tls: certificate not replaced: %s; that for %s, stays in force until %s and %s hold a pair that can be used"
                            .formatted(
                                    e.getMessage(),
                                    inWords(certificate),
                                    config.certificateChain(),
                                    config.privateKey()));
        }
    }

    private boolean take(CertificateFiles files) throws IOException {
        filesSeen = files;
        if (files.holdSameAs(filesInForce)) {
            return false;
        }
        ServerCertificate next;
        try {
            next = ServerCertificate.of(files.chain, files.key);
            context.replace(contexts.make(next));
        } catch (IOException e) {
            failedReloads.increment();
            throw e;
        } catch (RuntimeException e) {
            failedReloads.increment();
            throw new IOException("tls config: " + e.getMessage(), e);
        }
        filesInForce = files;
        certificate = next;
        reminder = new ExpiryReminder(next);
        LOG.log(
                System.Logger.Level.INFO,
                "tls: certificate replaced by that for %s; open connections keep theirs".formatted(inWords(next)));
        remind();
        reloads.increment();
        return true;
    }

    private void remind() {
        reminder.due(clock.instant()).ifPresent(text -> LOG.log(System.Logger.Level.WARNING, text));
    }

    private static String inWords(ServerCertificate certificate) {
        return "%s, valid until %s"
                .formatted(certificate.names(), certificate.notAfter().truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * {@return what the metrics show of the certificate}
     */
    public List<Figure> figures() {
        return List.of(
                Figure.counter(
                        "tls_certificate_reloads",
                        "Number of times another TLS certificate came into force.",
                        reloads::sum),
                Figure.counter(
                        "tls_certificate_reloads_failed",
                        "Number of times a changed TLS certificate or key could not be used.",
                        failedReloads::sum),
                Figure.gauge(
                        "tls_certificate_not_after_seconds",
                        "When the TLS certificate in force expires, in seconds since 1970-01-01 UTC.",
                        () -> certificate.notAfter().getEpochSecond()));
    }

    /** Ends the watch and frees native memory, that of open connections when they end; no handler may be made any more. */
    @Override
    public void close() {
        watch.close();
        context.close();
    }
}
