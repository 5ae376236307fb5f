package io.teahouse.relay.server.acme;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.tls.CertificateKeeper;
import io.teahouse.relay.server.tls.ServerCertificate;
import io.teahouse.relay.server.tls.ServerTls;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps a certificate of an authority in force: shows the one in the cache at once, orders the first one, and another one when
 * {@link RenewalSchedule} says so. Whatever fails, the last one stays in force. Safe for use by many threads; all that blocks is
 * on a virtual thread of its own.
 */
public final class AcmeKeeper implements CertificateKeeper {
    private static final System.Logger LOG = System.getLogger(AcmeKeeper.class.getName());

    private final CertificateSource.Acme source;
    private final ServerTls tls;
    private final AcmeCache cache;
    private final Challenges challenges;
    private final String names;
    private final Authority authority;
    private final Alarm alarm = new Alarm();
    private final LongAdder renewals = new LongAdder();
    private final LongAdder failedRenewals = new LongAdder();
    private final Thread thread;
    private volatile String whyNone = "no certificate yet";

    private AcmeKeeper(CertificateSource.Acme source, ServerTls tls) {
        this.source = source;
        this.tls = tls;
        this.cache = new AcmeCache(source);
        this.challenges = new Challenges(tls.challenges());
        this.names = String.join(", ", source.hostnames());
        this.authority = new Authority(source, cache, challenges);
        this.thread = Thread.ofVirtual().name("teahouse-acme").unstarted(this::run);
    }

    /**
     * Shows the certificate in the cache, if there is one.
     *
     * @param source of whom to order
     * @param tls    what shows the certificate, and what proves to the authority that the names are ours
     * @return what looks after the certificate once it is told to begin
     * @throws IOException when the cache cannot be written to
     */
    public static AcmeKeeper load(CertificateSource.Acme source, ServerTls tls) throws IOException {
        var keeper = new AcmeKeeper(source, tls);
        keeper.cache.requireUsable();
        keeper.showKept();
        return keeper;
    }

    private void showKept() {
        try {
            var kept = cache.readCertificate();
            if (kept.isPresent()) {
                takeOver(kept.get());
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tls: the certificate that was kept is of no use, another one is ordered: " + e.getMessage());
        }
    }

    @Override
    public void begin() {
        tls.certificate()
                .ifPresentOrElse(
                        kept -> LOG.log(
                                System.Logger.Level.INFO,
                                "tls: certificate for %s, kept in %s; the next one is due %s"
                                        .formatted(kept.inWords(), cache.certificateFile(), alarm.inWords())),
                        () -> LOG.log(
                                System.Logger.Level.INFO,
                                "tls: no certificate for %s yet: one is ordered from %s, and until it is here TLS clients are refused"
                                        .formatted(names, source.directory())));
        thread.start();
    }

    private void run() {
        try {
            for (var due = alarm.await(); due != Alarm.Due.END; due = alarm.await()) {
                if (due == Alarm.Due.ORDER) {
                    order();
                } else {
                    ask();
                }
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it but to end it.
        }
    }

    private void order() throws InterruptedException {
        try {
            if (takeFromOther()) {
                return;
            }
            var next =
                    authority.order(tls.certificate().map(shown -> shown.chain().getFirst()));
            takeOver(next);
            renewals.increment();
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: certificate of %s for %s; the next one is due %s; open connections keep theirs"
                            .formatted(authority.name(), next.inWords(), alarm.inWords()));
        } catch (Trouble trouble) {
            fail(trouble);
        } catch (IOException e) {
            fail(Troubles.of(e));
        } catch (RuntimeException e) {
            // Whatever it is, it must not end all renewals.
            fail(Troubles.of(authority.name(), e));
        }
    }

    /** Shows what another relay has put into the cache since, if that is newer. */
    private boolean takeFromOther() {
        try {
            var kept = cache.readCertificate();
            if (kept.isPresent()
                    && tls.certificate()
                            .filter(shown -> !kept.get().notAfter().isAfter(shown.notAfter()))
                            .isEmpty()) {
                takeOver(kept.get());
                LOG.log(
                        System.Logger.Level.INFO,
                        "tls: certificate replaced by that for %s, which another program left in %s"
                                .formatted(kept.get().inWords(), cache.certificateFile()));
                return true;
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "tls: nothing in the cache", e);
        }
        return false;
    }

    private void takeOver(ServerCertificate next) throws IOException {
        tls.show(next);
        alarm.certificate(next.notBefore(), next.notAfter());
    }

    private void fail(Trouble trouble) {
        failedRenewals.increment();
        whyNone = "no certificate yet: " + trouble.getMessage();
        alarm.failed(trouble);
        LOG.log(
                System.Logger.Level.WARNING,
                "tls: no certificate for %s: %s; %s; next try at %s"
                        .formatted(names, trouble.getMessage(), consequence(), alarm.inWords()));
        LOG.log(System.Logger.Level.DEBUG, "tls: what happened", trouble);
    }

    private String consequence() {
        return tls.certificate()
                .map(shown -> (shown.notAfter().isAfter(Instant.now())
                                ? "the one in force is good until %s"
                                : "the one in force expired at %s and clients refuse this relay")
                        .formatted(shown.notAfter().truncatedTo(ChronoUnit.SECONDS)))
                .orElse("TLS clients are refused until there is one");
    }

    /** Asks the authority whether it wants the certificate in force to be replaced soon. */
    private void ask() throws InterruptedException {
        Optional<AcmeSession.Suggestion> suggestion = Optional.empty();
        try {
            var shown = tls.certificate().map(certificate -> certificate.chain().getFirst());
            if (shown.isPresent()) {
                suggestion = authority.suggestionFor(shown.get());
            }
        } catch (Trouble trouble) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "tls: the authority does not say when it wants the certificate to be replaced",
                    trouble);
        }
        if (alarm.suggested(suggestion)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: %s wants the certificate for %s to be replaced now, as it does when it has been revoked"
                            .formatted(authority.name(), names));
        }
    }

    @Override
    public boolean reload() throws IOException {
        var kept = cache.readCertificate();
        boolean another = kept.isPresent()
                && tls.certificate()
                        .filter(shown -> shown.chain().equals(kept.get().chain()))
                        .isEmpty();
        if (another) {
            takeOver(kept.get());
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: certificate replaced by that for " + kept.get().inWords());
        }
        boolean deleted = kept.isEmpty() && tls.certificate().isPresent();
        if (deleted) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: %s was deleted, so another certificate is ordered".formatted(cache.certificateFile()));
        }
        alarm.wanted(deleted);
        return another;
    }

    @Override
    public Optional<String> whyNone() {
        return tls.certificate().isPresent() ? Optional.empty() : Optional.of(whyNone);
    }

    @Override
    public Optional<String> answerOverHttp(String token) {
        return challenges.answerOverHttp(token);
    }

    @Override
    public List<Figure> figures() {
        return List.of(
                Figure.counter(
                        "tls_certificate_renewals",
                        "Number of TLS certificates that were ordered and issued.",
                        renewals::sum),
                Figure.counter(
                        "tls_certificate_renewals_failed",
                        "Number of times that no TLS certificate could be had.",
                        failedRenewals::sum));
    }

    @Override
    public void close() {
        alarm.close();
        thread.interrupt();
    }
}
