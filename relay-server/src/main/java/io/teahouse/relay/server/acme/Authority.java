package io.teahouse.relay.server.acme;

import static java.util.Objects.requireNonNull;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.shredzone.acme4j.exception.AcmeException;

/**
 * What can be had of an authority, within a time limit whatever it does: an answer that never ends must not stop all. Blocks; used
 * by one thread.
 */
final class Authority {
    /** How long an order may take in all: 15 min. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final CertificateSource.Acme source;
    private final AcmeCache cache;
    private final Challenges challenges;
    private final String name;

    Authority(CertificateSource.Acme source, AcmeCache cache, Challenges challenges) {
        this.source = source;
        this.cache = cache;
        this.challenges = challenges;
        this.name = Troubles.authority(source.directory());
    }

    String name() {
        return name;
    }

    /** Returns another certificate, which is in the cache, too, if that can be written to. */
    ServerCertificate order(Optional<X509Certificate> replaced) throws Trouble, InterruptedException {
        return inTime(() -> {
            try (var session = AcmeSession.open(source)) {
                return new CertificateOrder(source, cache, challenges, session).place(replaced);
            }
        });
    }

    /** Returns when it wants a certificate to be replaced, if it tells. */
    Optional<AcmeSession.Suggestion> suggestionFor(X509Certificate shown) throws Trouble, InterruptedException {
        return inTime(() -> {
            try (var session = AcmeSession.open(source)) {
                return session.suggestionFor(shown);
            }
        });
    }

    /** Something that blocks. */
    @FunctionalInterface
    private interface Deed<T> {
        T run() throws IOException, AcmeException, Trouble, InterruptedException;
    }

    private <T> T inTime(Deed<T> deed) throws Trouble, InterruptedException {
        var task = new FutureTask<>(deed::run);
        Thread.ofVirtual().name("teahouse-acme-order").start(task);
        try {
            return task.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new Trouble(
                    Trouble.Kind.PASSING, "%s was not done within %d min".formatted(name, PATIENCE.toMinutes()));
        } catch (ExecutionException e) {
            throw switch (requireNonNull(e.getCause())) {
                case Trouble trouble -> trouble;
                case IOException io -> Troubles.of(io);
                case Exception other -> Troubles.of(name, other);
                case Throwable error -> new Trouble(Trouble.Kind.PASSING, error.toString(), Optional.empty(), error);
            };
        } finally {
            task.cancel(true);
        }
    }
}
