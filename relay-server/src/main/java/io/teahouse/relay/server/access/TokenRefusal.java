package io.teahouse.relay.server.access;

import io.teahouse.relay.server.metrics.RelayCounter;

/**
 * Why a client gets no access by its token, in the order in which it is found out (access token spec, section 5). For
 * the log and the counters: the client itself does not hear it.
 */
public enum TokenRefusal {
    /** It presented none. */
    NO_TOKEN("no token", Denial.NO_TOKEN, RelayCounter.TOLERATED_NO_TOKEN),
    /** What it presented is no token. */
    MALFORMED("malformed", Denial.MALFORMED, RelayCounter.TOLERATED_MALFORMED),
    /** The token is of a key that grants nothing here. */
    UNKNOWN_ISSUER("unknown issuer", Denial.UNKNOWN_ISSUER, RelayCounter.TOLERATED_UNKNOWN_ISSUER),
    /** The issuer did not sign it. */
    BAD_SIGNATURE("bad signature", Denial.BAD_SIGNATURE, RelayCounter.TOLERATED_BAD_SIGNATURE),
    /** The issuer passes on what another key granted, and nothing here shows that it was granted. */
    DELEGATION_NOT_SUPPORTED("delegation not supported", Denial.DELEGATION, RelayCounter.TOLERATED_DELEGATION),
    /** The token is for another endpoint. */
    WRONG_AUDIENCE("wrong audience", Denial.WRONG_AUDIENCE, RelayCounter.TOLERATED_WRONG_AUDIENCE),
    /** The token has run out. */
    EXPIRED("expired", Denial.EXPIRED, RelayCounter.TOLERATED_EXPIRED),
    /** The token permits other things than to use a relay. */
    MISSING_CAPABILITY("missing capability", Denial.MISSING_CAPABILITY, RelayCounter.TOLERATED_MISSING_CAPABILITY);

    private final String text;
    private final Denial denial;
    private final RelayCounter tolerated;

    TokenRefusal(String text, Denial denial, RelayCounter tolerated) {
        this.text = text;
        this.denial = denial;
        this.tolerated = tolerated;
    }

    /**
     * {@return as what it is counted when it costs a client its access}
     */
    public Denial denial() {
        return denial;
    }

    /**
     * {@return what counts it where no token is required}
     */
    public RelayCounter tolerated() {
        return tolerated;
    }

    /**
     * {@return the reason in words, such as {@code unknown issuer}}
     */
    @Override
    public String toString() {
        return text;
    }
}
