package io.teahouse.relay.server.access;

/**
 * Why a client gets no access by its token, in the order in which it is found out (access token spec, section 5). For
 * the log and the counters: the client itself does not hear it.
 */
public enum TokenRefusal {
    /** It presented none. */
    NO_TOKEN("no token"),
    /** What it presented is no token. */
    MALFORMED("malformed"),
    /** The token is of a key that grants nothing here. */
    UNKNOWN_ISSUER("unknown issuer"),
    /** The issuer did not sign it. */
    BAD_SIGNATURE("bad signature"),
    /** The issuer passes on what another key granted, and nothing here shows that it was granted. */
    DELEGATION_NOT_SUPPORTED("delegation not supported"),
    /** The token is for another endpoint. */
    WRONG_AUDIENCE("wrong audience"),
    /** The token has run out. */
    EXPIRED("expired"),
    /** The token permits other things than to use a relay. */
    MISSING_CAPABILITY("missing capability");

    private final String text;

    TokenRefusal(String text) {
        this.text = text;
    }

    /**
     * {@return the reason in words, such as {@code unknown issuer}}
     */
    @Override
    public String toString() {
        return text;
    }
}
