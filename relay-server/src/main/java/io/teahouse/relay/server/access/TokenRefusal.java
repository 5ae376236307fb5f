package io.teahouse.relay.server.access;

/**
 * Why a client gets no access by its token, in the order in which it is found out (access token spec, section 5). For
 * the log and the counters: the client itself does not hear it.
 */
public enum TokenRefusal {
    /** It presented none. */
    NO_TOKEN("no token", Denial.NO_TOKEN),
    /** What it presented is no token. */
    MALFORMED("malformed", Denial.MALFORMED),
    /** The token is of a key that grants nothing here. */
    UNKNOWN_ISSUER("unknown issuer", Denial.UNKNOWN_ISSUER),
    /** The issuer did not sign it. */
    BAD_SIGNATURE("bad signature", Denial.BAD_SIGNATURE),
    /** The issuer passes on what another key granted, and nothing here shows that it was granted. */
    DELEGATION_NOT_SUPPORTED("delegation not supported", Denial.DELEGATION),
    /** The token is for another endpoint. */
    WRONG_AUDIENCE("wrong audience", Denial.WRONG_AUDIENCE),
    /** The token has run out. */
    EXPIRED("expired", Denial.EXPIRED),
    /** The token permits other things than to use a relay. */
    MISSING_CAPABILITY("missing capability", Denial.MISSING_CAPABILITY);

    private final String text;
    private final Denial denial;

    TokenRefusal(String text, Denial denial) {
        this.text = text;
        this.denial = denial;
    }

    /**
     * {@return as what it is counted when it costs a client its access}
     */
    public Denial denial() {
        return denial;
    }

    /**
     * {@return the reason in words, such as {@code unknown issuer}}
     */
    @Override
    public String toString() {
        return text;
    }
}
