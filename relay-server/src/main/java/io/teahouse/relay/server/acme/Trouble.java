package io.teahouse.relay.server.acme;

import java.time.Instant;
import java.util.Optional;

/** Why a certificate was not issued, in words for an operator. */
final class Trouble extends Exception {
    private static final long serialVersionUID = 1;

    /** What is to be expected of another try. */
    enum Kind {
        /** It may well succeed soon: the authority is not reached, or busy. */
        PASSING,
        /** Something has to be mended first, so that trying often only uses up what the authority grants. */
        REFUSED
    }

    private final Kind kind;
    private final transient Optional<Instant> notBefore;

    Trouble(Kind kind, String message, Optional<Instant> notBefore, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.notBefore = notBefore;
    }

    Trouble(Kind kind, String message) {
        super(message);
        this.kind = kind;
        this.notBefore = Optional.empty();
    }

    Kind kind() {
        return kind;
    }

    /** Returns before when the authority does not want to be asked again, if it said so. */
    Optional<Instant> notBefore() {
        return notBefore;
    }
}
