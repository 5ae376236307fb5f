package io.teahouse.relay.server.acme;

import static java.util.Objects.requireNonNull;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.tls.CertificateKeeper;
import io.teahouse.relay.server.tls.ServerCertificate;
import io.teahouse.relay.server.tls.ServerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.shredzone.acme4j.exception.AcmeException;

/**
 * Keeps a certificate of an authority in force: shows the one in the cache at once, orders the first one, and another one when
 * {@link RenewalSchedule} says so. Whatever fails, the last one stays in force. Safe for use by many threads; all that blocks is
 * on a virtual thread of its own.
 */
public final class AcmeKeeper implements CertificateKeeper {
    private static final System.Logger LOG = System.getLogger(AcmeKeeper.class.getName());

    /** How long an order may take in all, whatever the authority does: 15 min. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** The wall clock is looked at so often at least, since it may be set, and machines sleep: 1 min. */
    private static final Duration LOOK_AT_LEAST = Duration.ofMinutes(1);

    private final CertificateSource.Acme source;
    private final ServerTls tls;
    private final AcmeCache cache;
    private final Challenges challenges;
    private final String names;
    private final String authority;
    private final LongAdder renewals = new LongAdder();
    private final LongAdder failedRenewals = new LongAdder();
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final RenewalSchedule schedule =
            new RenewalSchedule(() -> ThreadLocalRandom.current().nextDouble()); // guarded by lock
    private boolean closed; // guarded by lock
    private volatile String whyNone = "no certificate yet";

    private AcmeKeeper(CertificateSource.Acme source, ServerTls tls) {
        this.source = source;
        this.tls = tls;
        this.cache = new AcmeCache(source);
        this.challenges = new Challenges(tls.challenges());
        this.names = String.join(", ", source.hostnames());
        this.authority = Troubles.authority(source.directory());
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
        keeper.requireCache();
        keeper.showKept();
        return keeper;
    }

    /** Not to find it out when there is a certificate to be kept. */
    private void requireCache() throws IOException {
        var directory = source.cacheDirectory();
        if (Files.exists(directory) && !(Files.isDirectory(directory) && Files.isWritable(directory))) {
            throw new IOException(
                    "certificates cannot be kept in %s (expected: a directory that this user can write to)"
                            .formatted(directory));
        }
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
                                        .formatted(kept.inWords(), cache.certificateFile(), due())),
                        () -> LOG.log(
                                System.Logger.Level.INFO,
                                "tls: no certificate for %s yet: one is ordered from %s, and until it is here TLS clients are refused"
                                        .formatted(names, source.directory())));
        thread.start();
    }

    private String due() {
        lock.lock();
        try {
            var at = schedule.orderAt();
            return at.isAfter(Instant.now())
                    ? at.truncatedTo(ChronoUnit.SECONDS).toString()
                    : "now";
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (awaitDue()) {
                if (isDue()) {
                    order();
                } else {
                    ask();
                }
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it but to end it.
        }
    }

    /** Waits until there is something to do; returns whether there is, and not rather the end. */
    private boolean awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                var next = schedule.orderAt().isBefore(schedule.askAt()) ? schedule.orderAt() : schedule.askAt();
                var now = Instant.now();
                if (!next.isAfter(now)) {
                    return true;
                }
                var left = next.isBefore(now.plus(LOOK_AT_LEAST)) ? Duration.between(now, next) : LOOK_AT_LEAST;
                var _ = changed.awaitNanos(left.toNanos());
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        lock.lock();
        try {
            return !schedule.orderAt().isAfter(Instant.now());
        } finally {
            lock.unlock();
        }
    }

    private void order() throws InterruptedException {
        try {
            if (takeFromOther()) {
                return;
            }
            var next = inTime(this::place);
            takeOver(next);
            renewals.increment();
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: certificate of %s for %s; the next one is due %s; open connections keep theirs"
                            .formatted(authority, next.inWords(), due()));
        } catch (Trouble trouble) {
            fail(trouble);
        } catch (IOException e) {
            fail(Troubles.of(e));
        }
    }

    private ServerCertificate place() throws IOException, Trouble, InterruptedException {
        try (var session = AcmeSession.open(source)) {
            return new CertificateOrder(source, cache, challenges, session)
                    .place(tls.certificate().map(shown -> shown.chain().getFirst()));
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
        lock.lock();
        try {
            schedule.certificate(next.notBefore(), next.notAfter(), Instant.now());
        } finally {
            lock.unlock();
        }
    }

    private void fail(Trouble trouble) {
        failedRenewals.increment();
        whyNone = "no certificate yet: " + trouble.getMessage();
        lock.lock();
        try {
            schedule.failed(trouble.kind(), trouble.notBefore(), Instant.now());
        } finally {
            lock.unlock();
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "tls: no certificate for %s: %s; %s; next try at %s"
                        .formatted(names, trouble.getMessage(), consequence(), due()));
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
                suggestion = inTime(() -> suggestionFor(shown.get()));
            }
        } catch (Trouble trouble) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "tls: the authority does not say when it wants the certificate to be replaced",
                    trouble);
        }
        note(suggestion);
    }

    private Optional<AcmeSession.Suggestion> suggestionFor(X509Certificate shown) throws IOException, Trouble {
        try (var session = AcmeSession.open(source)) {
            return session.suggestionFor(shown);
        } catch (AcmeException | RuntimeException e) {
            throw Troubles.of(authority, e);
        }
    }

    private void note(Optional<AcmeSession.Suggestion> suggestion) {
        lock.lock();
        try {
            var now = Instant.now();
            boolean due = !schedule.orderAt().isAfter(now);
            suggestion.ifPresentOrElse(
                    found -> schedule.suggested(found.start(), found.end(), found.notBefore(), now),
                    () -> schedule.nothingSuggested(Optional.empty(), now));
            if (!due && !schedule.orderAt().isAfter(now)) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "tls: %s wants the certificate for %s to be replaced now, as it does when it has been revoked"
                                .formatted(authority, names));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something that blocks. */
    @FunctionalInterface
    private interface Deed<T> {
        T run() throws IOException, Trouble, InterruptedException;
    }

    /** Does something on a thread of its own, so that an authority that sends bytes for ever does not stop all. */
    private <T> T inTime(Deed<T> deed) throws Trouble, InterruptedException {
        var task = new FutureTask<>(deed::run);
        Thread.ofVirtual().name("teahouse-acme-order").start(task);
        try {
            return task.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new Trouble(
                    Trouble.Kind.PASSING, "%s was not done within %d min".formatted(authority, PATIENCE.toMinutes()));
        } catch (ExecutionException e) {
            throw switch (requireNonNull(e.getCause())) {
                case Trouble trouble -> trouble;
                case IOException io -> Troubles.of(io);
                case Exception other -> Troubles.of(authority, other);
                case Throwable error -> new Trouble(Trouble.Kind.PASSING, error.toString(), Optional.empty(), error);
            };
        } finally {
            task.cancel(true);
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
        lock.lock();
        try {
            boolean deleted = kept.isEmpty() && tls.certificate().isPresent();
            if (deleted) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "tls: %s was deleted, so another certificate is ordered".formatted(cache.certificateFile()));
            }
            schedule.wanted(deleted, Instant.now());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }
}
