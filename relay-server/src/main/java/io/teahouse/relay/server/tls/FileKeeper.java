package io.teahouse.relay.server.tls;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.metrics.Figure;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads the certificate from files, and again when they change, if the configuration says so. Safe for use by many threads.
 */
public final class FileKeeper implements CertificateKeeper {
    private static final System.Logger LOG = System.getLogger(FileKeeper.class.getName());

    /** How often a certificate whose files are not watched is looked at, to see it expire: 1 h. */
    private static final Duration EXPIRY_INTERVAL = Duration.ofHours(1);

    private final CertificateSource.Files source;
    private final ServerTls tls;
    private final InstantSource clock;
    private final CertificateWatch watch;
    private final LongAdder reloads = new LongAdder();
    private final LongAdder failedReloads = new LongAdder();

    /** Held while files are read and checked. */
    private final Object reloading = new Object();

    private Pair pairInForce;
    private Pair pairSeen;
    private ServerCertificate certificate;
    private ExpiryReminder reminder;

    /** What both files held at about the same time. */
    private record Pair(FileContents chain, FileContents key) {
        static Pair read(CertificateSource.Files source) {
            return new Pair(FileContents.read(source.certificateChain()), FileContents.read(source.privateKey()));
        }

        boolean holdsSameAs(Pair other) {
            return chain.holdsSameAs(other.chain) && key.holdsSameAs(other.key);
        }
    }

    private FileKeeper(CertificateSource.Files source, ServerTls tls, InstantSource clock) throws IOException {
        this.source = source;
        this.tls = tls;
        this.clock = clock;
        pairInForce = Pair.read(source);
        pairSeen = pairInForce;
        certificate = ServerCertificate.of(pairInForce.chain, pairInForce.key);
        tls.show(certificate);
        reminder = new ExpiryReminder(certificate);
        LOG.log(System.Logger.Level.INFO, "tls: certificate for " + certificate.inWords());
        remind();
        watch = new CertificateWatch(source.reloadInterval().orElse(EXPIRY_INTERVAL), this::lookAfter);
    }

    /**
     * Reads certificate and key, and from then on looks whether they change, if the configuration says so.
     *
     * @param source where they are
     * @param tls    what shows them
     * @return what looks after them
     * @throws IOException when they cannot be read, are not understood or do not belong together; the message says what
     *                     and where
     */
    public static FileKeeper load(CertificateSource.Files source, ServerTls tls) throws IOException {
        return load(source, tls, InstantSource.system());
    }

    static FileKeeper load(CertificateSource.Files source, ServerTls tls, InstantSource clock) throws IOException {
        return new FileKeeper(source, tls, clock);
    }

    /**
     * Reads certificate and key again, and shows them to the clients that connect from now on, if they are others than
     * before and all is well with them.
     *
     * @return whether another pair is in force now; false if the files hold the one that was
     * @throws IOException when they cannot be used, so that the pair that was in force still is; the message says what is
     *                     wrong and where
     */
    @Override
    public boolean reload() throws IOException {
        synchronized (reloading) {
            return take(Pair.read(source));
        }
    }

    /** What there is to do from time to time. */
    void lookAfter() {
        synchronized (reloading) {
            if (source.reloadInterval().isPresent()) {
                reloadIfChanged();
            }
            remind();
        }
    }

    private void reloadIfChanged() {
        var pair = Pair.read(source);
        if (pair.holdsSameAs(pairSeen)) {
            return;
        }
        try {
            if (!take(pair)) {
                LOG.log(System.Logger.Level.INFO, "tls: the files hold the certificate in force again");
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tls: certificate not replaced: %s; that for %s, stays in force until %s and %s hold a pair that can be used"
                            .formatted(
                                    e.getMessage(),
                                    certificate.inWords(),
                                    source.certificateChain(),
                                    source.privateKey()));
        }
    }

    private boolean take(Pair pair) throws IOException {
        pairSeen = pair;
        if (pair.holdsSameAs(pairInForce)) {
            return false;
        }
        ServerCertificate next;
        try {
            next = ServerCertificate.of(pair.chain, pair.key);
            tls.show(next);
        } catch (IOException e) {
            failedReloads.increment();
            throw e;
        } catch (RuntimeException e) {
            failedReloads.increment();
            throw new IOException("tls config: " + e.getMessage(), e);
        }
        pairInForce = pair;
        certificate = next;
        reminder = new ExpiryReminder(next);
        LOG.log(
                System.Logger.Level.INFO,
                "tls: certificate replaced by that for %s; open connections keep theirs".formatted(next.inWords()));
        remind();
        reloads.increment();
        return true;
    }

    private void remind() {
        reminder.due(clock.instant()).ifPresent(text -> LOG.log(System.Logger.Level.WARNING, text));
    }

    @Override
    public List<Figure> figures() {
        return List.of(
                Figure.counter(
                        "tls_certificate_reloads",
                        "Number of times another TLS certificate came into force.",
                        reloads::sum),
                Figure.counter(
                        "tls_certificate_reloads_failed",
                        "Number of times a changed TLS certificate or key could not be used.",
                        failedReloads::sum));
    }

    @Override
    public void close() {
        watch.close();
    }
}
