package io.teahouse.relay.server.access;

import io.teahouse.relay.server.metrics.RelayCounter;

/** Why a client was denied access, for the metrics ({@code access_denied}); the client itself does not hear it. */
public enum Denial {
    /** The endpoint is not in the list of those who are allowed. */
    NOT_LISTED(RelayCounter.DENIED_NOT_LISTED),
    /** The endpoint is in the list of those who are not allowed. */
    LISTED(RelayCounter.DENIED_LISTED),
    /** No token was shown where one is needed. */
    NO_TOKEN(RelayCounter.DENIED_NO_TOKEN),
    /** The token is none of those that are shared. */
    WRONG_TOKEN(RelayCounter.DENIED_WRONG_TOKEN),
    /** What was shown is no token. */
    MALFORMED(RelayCounter.DENIED_MALFORMED),
    /** The token is of a key that grants nothing here. */
    UNKNOWN_ISSUER(RelayCounter.DENIED_UNKNOWN_ISSUER),
    /** The issuer did not sign the token. */
    BAD_SIGNATURE(RelayCounter.DENIED_BAD_SIGNATURE),
    /** The issuer passes on what another key granted, and nothing here shows that it was granted. */
    DELEGATION(RelayCounter.DENIED_DELEGATION),
    /** The token is for another endpoint. */
    WRONG_AUDIENCE(RelayCounter.DENIED_WRONG_AUDIENCE),
    /** The token has run out. */
    EXPIRED(RelayCounter.DENIED_EXPIRED),
    /** The token permits other things than to use a relay. */
    MISSING_CAPABILITY(RelayCounter.DENIED_MISSING_CAPABILITY),
    /** The project has as many clients as it may have. */
    PROJECT_FULL(RelayCounter.DENIED_PROJECT_FULL),
    /** The access service said no. */
    SERVICE(RelayCounter.DENIED_SERVICE),
    /** The access service gave no answer that counts. */
    SERVICE_FAILED(RelayCounter.DENIED_SERVICE_FAILED),
    /** The rule failed, or was not done in time. */
    RULE_FAILED(RelayCounter.DENIED_RULE_FAILED),
    /** A rule that says no more about it. */
    OTHER(RelayCounter.DENIED_OTHER);

    private final RelayCounter counter;

    Denial(RelayCounter counter) {
        this.counter = counter;
    }

    /**
     * {@return what counts it}
     */
    public RelayCounter counter() {
        return counter;
    }
}
