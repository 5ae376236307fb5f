package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.RelayToken;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Allows endpoints that present a token of one of some issuers (access token spec, sections 5 and 6).
 *
 * <p>All that are denied hear the same words; the reason is logged at level {@code DEBUG} and counted. For other
 * issuers a relay is given another of these. Safe for use by many threads.
 */
public final class TokenAccess implements AccessControl {
    private static final System.Logger LOG = System.getLogger(TokenAccess.class.getName());

    private final boolean required;
    private final InstantSource clock;
    private final TokenCounters counters = new TokenCounters();
    private final TokenRules rules;

    /**
     * Creates a rule.
     *
     * @param rules    what a token must be
     * @param required whether a token is needed; if not, all are let in, and their tokens counted
     * @param clock    tells whether tokens have run out
     */
    public TokenAccess(TokenRules rules, boolean required, InstantSource clock) {
        this.rules = rules;
        this.required = required;
        this.clock = clock;
    }

    /**
     * {@return what a token must be}
     */
    public TokenRules rules() {
        return rules;
    }

    /**
     * {@return what has been counted since this was created}
     */
    public TokenCounters counters() {
        return counters;
    }

    @Override
    public Decision onConnect(ConnectRequest request) {
        var refusal = rules.refusal(
                request.authToken(), request.endpointId(), clock.instant().getEpochSecond());
        if (refusal.isEmpty()) {
            counters.countAccepted();
            return Decision.allow();
        }
        counters.countRefused(refusal.get());
        if (!required) {
            return Decision.allow();
        }
        LOG.log(
                System.Logger.Level.DEBUG,
                "connection from {0}: no access for {1}, {2}",
                request.remoteAddress(),
                request.endpointId().shortForm(),
                refusal.get());
        return Decision.deny(refusal.get().denial());
    }

    /**
     * {@inheritDoc}
     *
     * <p>Only who came with the token of an issuer that no longer counts has to go. A connection without a token was let
     * in when none was required, and one whose token has run out meanwhile was let in rightly: both stay.
     */
    @Override
    public boolean mayStay(EndpointId endpointId, Optional<String> authToken) {
        if (!required || authToken.isEmpty()) {
            return true;
        }
        try {
            return rules.issuers().contains(RelayToken.parse(authToken.get()).issuer());
        } catch (FormatException _) {
            return true; // what other rules call a token
        }
    }

    /** Checking a signature takes less time than the handshake before it did. */
    @Override
    public boolean mayBlock() {
        return false;
    }
}
