package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.RelayToken;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Allows endpoints that present a token of one of some issuers (access token spec, sections 5 and 6), and says of which
 * project they are.
 *
 * <p>All that are denied hear the same words; the reason is logged at level {@code DEBUG} and counted. For other
 * issuers a relay is given another of these. Safe for use by many threads.
 */
public final class TokenAccess implements AccessControl {
    private static final System.Logger LOG = System.getLogger(TokenAccess.class.getName());

    /** What is longer than this does not end: ten years. */
    private static final long LONGEST_STAY_SECONDS = 10L * 365 * 86_400;

    private final Terms terms;
    private final InstantSource clock;
    private final TokenIssuers issuers;

    /**
     * What is asked of clients.
     *
     * @param clockSkewSeconds how many seconds a token holds beyond its expiry: {@link TokenRules#clockSkewSeconds}
     * @param required         whether a token is needed; if not, all are let in, and what is wrong with their tokens is counted
     * @param closeOnExpiry    whether a client has to go when its token has run out
     */
    public record Terms(long clockSkewSeconds, boolean required, boolean closeOnExpiry) {}

    /**
     * Creates a rule without projects.
     *
     * @param rules    what a token must be
     * @param required whether a token is needed; if not, all are let in, and what is wrong with their tokens is counted
     * @param clock    tells whether tokens have run out
     */
    public TokenAccess(TokenRules rules, boolean required, InstantSource clock) {
        this(rules.issuers(), List.of(), new Terms(rules.clockSkewSeconds(), required, false), clock);
    }

    /**
     * Creates a rule.
     *
     * @param issuers  whose tokens let clients in that are of no project
     * @param projects whose tokens let in the clients of which project; at most {@link Project#MAX}
     * @param terms    what else is asked of clients
     * @param clock    tells whether tokens have run out
     * @throws IllegalArgumentException if two projects have one name, an issuer belongs to more than one project or is
     *                                  nobody's key, or a number is out of its range
     */
    public TokenAccess(Set<EndpointId> issuers, List<Project> projects, Terms terms, InstantSource clock) {
        this.terms = terms;
        this.clock = clock;
        this.issuers = TokenIssuers.of(issuers, projects, terms.clockSkewSeconds());
    }

    /**
     * {@return what a token must be, with the issuers of all projects}
     */
    public TokenRules rules() {
        return issuers.rules();
    }

    @Override
    public List<Project> projects() {
        return issuers.projects();
    }

    @Override
    public Decision onConnect(ConnectRequest request) {
        long nowSeconds = clock.instant().getEpochSecond();
        var token = parse(request.authToken());
        var refusal = token.map(
                        parsed -> issuers.rules().refusal(parsed, Optional.of(request.endpointId()), nowSeconds))
                .orElseGet(() ->
                        Optional.of(request.authToken().isEmpty() ? TokenRefusal.NO_TOKEN : TokenRefusal.MALFORMED));
        var project = token.flatMap(parsed -> issuers.projectOf(parsed.issuer()));
        if (refusal.isEmpty()) {
            return new Decision.Allow(project, stay(token.map(RelayToken::expiry), nowSeconds), Optional.empty());
        }
        if (!terms.required()) {
            return new Decision.Allow(Optional.empty(), Optional.empty(), refusal);
        }
        LOG.log(
                System.Logger.Level.DEBUG,
                "connection from {0}: no access for {1}, {2}",
                request.remoteAddress(),
                request.endpointId().shortForm(),
                refusal.get());
        return new Decision.Deny(Optional.empty(), refusal.get().denial(), project);
    }

    /** How long a client may stay whose token expires then: to the end of the last second in which it holds. */
    private Optional<Duration> stay(Optional<OptionalLong> expiry, long nowSeconds) {
        if (!terms.closeOnExpiry() || expiry.isEmpty() || expiry.get().isEmpty()) {
            return Optional.empty();
        }
        long expirySeconds = expiry.get().getAsLong();
        if (Long.compareUnsigned(expirySeconds, nowSeconds + LONGEST_STAY_SECONDS) > 0) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofSeconds(expirySeconds + terms.clockSkewSeconds() + 1 - nowSeconds));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Only who came with the token of an issuer that no longer counts, or counts for another project, has to go. A
     * connection without a token was let in when none was required, and one whose token has run out meanwhile was let in
     * rightly: both stay.
     */
    @Override
    public boolean mayStay(EndpointId endpointId, Optional<String> authToken, Optional<String> project) {
        var issuer = parse(authToken).map(RelayToken::issuer);
        if (issuer.isEmpty()) {
            return project.isEmpty(); // without a token, or with what other rules call one
        }
        if (!terms.required() && project.isEmpty()) {
            return true;
        }
        return issuers.rules().issuers().contains(issuer.get())
                && issuers.projectOf(issuer.get()).equals(project);
    }

    private static Optional<RelayToken> parse(Optional<String> text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(RelayToken.parse(text.get()));
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    /** Checking a signature takes less time than the handshake before it did. */
    @Override
    public boolean mayBlock() {
        return false;
    }
}
