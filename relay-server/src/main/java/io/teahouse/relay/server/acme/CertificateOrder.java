package io.teahouse.relay.server.acme;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeServerException;

/**
 * Gets one certificate for all names from an authority: proves each name at the TLS port, or over HTTP if that is refused, and
 * keeps what it gets. Blocks, for minutes at most; used by one thread.
 */
final class CertificateOrder {
    private static final System.Logger LOG = System.getLogger(CertificateOrder.class.getName());

    /** How long an authority may take to validate a name, or to issue: 3 min each. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration FIRST_POLL = Duration.ofSeconds(1);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(16);

    private final CertificateSource.Acme source;
    private final AcmeCache cache;
    private final Challenges challenges;
    private final AcmeSession session;
    private final String authority;

    /** What each name was not validated by, and why. */
    private final Map<String, Refusal> refusals = new TreeMap<>();

    private record Refusal(String words, String advice) {
        Refusal and(Refusal next) {
            return new Refusal(words + ", " + next.words, next.advice);
        }
    }

    CertificateOrder(CertificateSource.Acme source, AcmeCache cache, Challenges challenges, AcmeSession session) {
        this.source = source;
        this.cache = cache;
        this.challenges = challenges;
        this.session = session;
        this.authority = Troubles.authority(source.directory());
    }

    /**
     * Gets the certificate and keeps it.
     *
     * @param replaced the certificate that the new one is to replace, if there is one
     */
    ServerCertificate place(Optional<X509Certificate> replaced) throws Trouble, InterruptedException {
        try {
            var login = logIn();
            // A name that is refused spoils its order, so what can be proved otherwise is in another one.
            var order = validated(open(login, replaced));
            if (order.isEmpty()) {
                order = validated(open(login, replaced));
            }
            return issue(order.orElseThrow(this::refused));
        } catch (AcmeException | RuntimeException e) {
            throw Troubles.of(authority, e);
        } catch (IOException e) {
            throw Troubles.of(e);
        }
    }

    private Login logIn() throws AcmeException, IOException {
        var kept = cache.readAccount();
        var key = kept.orElseGet(P256::generate);
        var login = session.logIn(key, source.contact());
        if (kept.isEmpty()) {
            cache.writeAccount(key);
            LOG.log(
                    System.Logger.Level.INFO,
                    "tls: made an account at %s for %s, its key is in %s"
                            .formatted(authority, source.contact(), cache.accountFile()));
        }
        return login;
    }

    private Order open(Login login, Optional<X509Certificate> replaced) throws AcmeException {
        if (replaced.isPresent() && session.hasRenewalInfo()) {
            try {
                return login.newOrder()
                        .domains(source.hostnames())
                        .replaces(replaced.get())
                        .create();
            } catch (AcmeServerException | IllegalArgumentException e) {
                // It may know nothing of that certificate, or have replaced it already: no reason to go without.
                LOG.log(System.Logger.Level.DEBUG, "tls: the order does not say what it replaces", e);
            }
        }
        return login.newOrder().domains(source.hostnames()).create();
    }

    /** Returns the order if all its names are validated; what was refused is noted. */
    private Optional<Order> validated(Order order) throws AcmeException, IOException, InterruptedException, Trouble {
        boolean all = true;
        boolean another = false;
        for (var authorization : order.getAuthorizations()) {
            var name = authorization.getIdentifier().getDomain();
            if (authorization.getStatus() == Status.VALID) {
                continue;
            }
            var challenge = challengeOf(authorization, refusals.containsKey(name))
                    .orElseThrow(() -> new Trouble(
                            Trouble.Kind.REFUSED,
                            "%s would validate %s neither at the TLS port (tls-alpn-01) nor over HTTP (http-01)"
                                    .formatted(authority, name)));
            // What is offered besides is not told any more once one way was refused.
            boolean otherWay = !(challenge instanceof Http01Challenge)
                    && authorization.findChallenge(Http01Challenge.class).isPresent();
            var refusal = answer(name, authorization, challenge);
            if (refusal.isPresent()) {
                all = false;
                another |= otherWay;
                refusals.merge(name, refusal.get(), Refusal::and);
            }
        }
        if (all) {
            return Optional.of(order);
        }
        if (!another) {
            throw refused();
        }
        return Optional.empty();
    }

    private static Optional<Challenge> challengeOf(Authorization authorization, boolean refusedBefore) {
        Optional<Challenge> overHttp =
                authorization.findChallenge(Http01Challenge.class).map(found -> found);
        Optional<Challenge> overTls =
                authorization.findChallenge(TlsAlpn01Challenge.class).map(found -> found);
        return refusedBefore ? overHttp : overTls.or(() -> overHttp);
    }

    /** Returns what the authority does not like about our answer, if anything. */
    private Optional<Refusal> answer(String name, Authorization authorization, Challenge challenge)
            throws AcmeException, IOException, InterruptedException, Trouble {
        LOG.log(System.Logger.Level.DEBUG, "tls: {0} validates {1} by {2}", authority, name, challenge.getType());
        try (var _ = challenges.publish(name, challenge)) {
            challenge.trigger();
            if (poll(authorization, "validate " + name, Status.VALID, Status.INVALID) == Status.VALID) {
                return Optional.empty();
            }
        }
        var problem = authorization.findChallenge(challenge.getClass()).flatMap(Challenge::getError);
        return Optional.of(new Refusal(
                "%s (port %d): %s"
                        .formatted(
                                challenge.getType(),
                                challenge instanceof Http01Challenge ? 80 : 443,
                                problem.map(Troubles::text).orElse("it does not say why")),
                problem.map(found -> Troubles.advice(found, authority)).orElse("ask there")));
    }

    private Trouble refused() {
        var words = new LinkedHashSet<String>();
        refusals.forEach((name, refusal) -> words.add("%s by %s".formatted(name, refusal.words)));
        refusals.values().forEach(refusal -> words.add(refusal.advice));
        return new Trouble(
                Trouble.Kind.REFUSED, "%s could not validate %s".formatted(authority, String.join("; ", words)));
    }

    private ServerCertificate issue(Order order) throws AcmeException, IOException, InterruptedException, Trouble {
        if (poll(order, "be ready to issue", Status.READY, Status.VALID, Status.INVALID) != Status.READY) {
            throw failed(order);
        }
        var key = P256.generate();
        order.execute(key);
        if (poll(order, "issue", Status.VALID, Status.INVALID) != Status.VALID) {
            throw failed(order);
        }
        var chain = order.getCertificate().getCertificateChain();
        requireOurs(key, chain);
        try {
            cache.writeCertificate(key, chain);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tls: the new certificate is in force but cannot be kept in %s: %s; let this user write there, or the next start needs another one"
                            .formatted(cache.certificateFile(), e));
        }
        return new ServerCertificate(key.getPrivate(), chain);
    }

    private Trouble failed(Order order) {
        Optional<Problem> problem = order.getError();
        return new Trouble(
                Trouble.Kind.REFUSED,
                "%s did not issue: %s"
                        .formatted(authority, problem.map(Troubles::text).orElse("it does not say why")));
    }

    private void requireOurs(KeyPair key, List<X509Certificate> chain) throws Trouble {
        try {
            if (!chain.isEmpty() && ServerCertificate.isPair(key.getPrivate(), chain.getFirst())) {
                return;
            }
        } catch (GeneralSecurityException e) {
            LOG.log(System.Logger.Level.DEBUG, "tls: a strange certificate", e);
        }
        throw new Trouble(Trouble.Kind.REFUSED, authority + " issued a certificate that is not for our key");
    }

    /** Looks again and again, at the pace that the authority wants, until something has one of these states. */
    private Status poll(PollableResource resource, String what, Status... ends)
            throws AcmeException, InterruptedException, Trouble {
        var wanted = Set.of(ends);
        var deadline = Instant.now().plus(PATIENCE);
        for (var pause = FIRST_POLL; true; pause = longer(pause)) {
            var notBefore = resource.fetch();
            if (wanted.contains(resource.getStatus())) {
                return resource.getStatus();
            }
            var now = Instant.now();
            var next = notBefore.filter(now.plus(FIRST_POLL)::isBefore).orElse(now.plus(pause));
            if (next.isAfter(deadline)) {
                throw new Trouble(
                        Trouble.Kind.PASSING,
                        "%s did not %s within %d min".formatted(authority, what, PATIENCE.toMinutes()));
            }
            Thread.sleep(Duration.between(now, next));
        }
    }

    private static Duration longer(Duration pause) {
        var twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_POLL) < 0 ? twice : LONGEST_POLL;
    }
}
