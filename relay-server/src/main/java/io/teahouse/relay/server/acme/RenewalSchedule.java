package io.teahouse.relay.server.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Decides when a certificate is to be ordered, and when the authority is to be asked whether it wants that to be sooner (RFC
 * 9773), as it does when it has revoked the one in force. Is told what happens, and the time. Not thread-safe.
 */
final class RenewalSchedule {
    /** Certificates are replaced when so much of their life is over, or up to {@link #SPREAD} before. */
    private static final double DUE = 2.0 / 3;

    /** By what part of a life renewals are spread. */
    private static final double SPREAD = 0.05;

    /** Whatever the authority wishes, no certificate becomes older than this part of its life. */
    private static final double LATEST = 5.0 / 6;

    /** The authority is asked at most so often, and at least so seldom, whatever it says (RFC 9773, section 4.3.3). */
    private static final Duration ASK_AFTER_MIN = Duration.ofMinutes(1);

    private static final Duration ASK_AFTER_MAX = Duration.ofDays(1);

    /** How often it is asked if it does not say, or does not answer: every 6 h. */
    private static final Duration ASK_AFTER = Duration.ofHours(6);

    private final DoubleSupplier chance;
    private Optional<Life> life = Optional.empty();
    private int failures;
    private int early;
    private Instant dueAt = Instant.MIN;
    private boolean wantedAnew;
    private Instant pauseUntil = Instant.MIN;
    private Instant refusedUntil = Instant.MIN;
    private Instant askAt = Instant.MAX;

    private record Life(Instant from, Instant to) {
        Instant at(double part) {
            return from.plus(Duration.ofMillis((long) (length().toMillis() * part)));
        }

        Duration length() {
            return Duration.between(from, to);
        }
    }

    /**
     * Begins without a certificate: one is to be ordered at once.
     *
     * @param chance gives numbers from 0 to below 1
     */
    RenewalSchedule(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** Returns when a certificate is to be ordered, which may be long past. */
    Instant orderAt() {
        return latest(wantedAnew ? Instant.MIN : dueAt, latest(pauseUntil, refusedUntil));
    }

    /** Returns when the authority is to be asked for its wish. */
    Instant askAt() {
        return latest(askAt, refusedUntil);
    }

    /** Takes note that a certificate came into force, of which this is the life. */
    void certificate(Instant from, Instant to, Instant now) {
        // An authority that wants each certificate replaced soon is obeyed, but less and less quickly.
        boolean tooSoon = life.isPresent() && now.isBefore(life.get().at(0.5));
        early = tooSoon ? early + 1 : 0;
        life = Optional.of(new Life(from, to));
        failures = 0;
        wantedAnew = false;
        pauseUntil = early > 1 ? now.plus(pause(Trouble.Kind.REFUSED, early - 1)) : Instant.MIN;
        refusedUntil = Instant.MIN;
        dueAt = life.get().at(DUE - SPREAD * chance.getAsDouble());
        askAt = now;
    }

    /** Takes note that an order failed. */
    void failed(Trouble.Kind kind, Optional<Instant> notBefore, Instant now) {
        failures++;
        pauseUntil = now.plus(pause(kind, failures));
        // A clock that is wrong, here or there, must not stop all.
        refusedUntil = earliest(notBefore.orElse(Instant.MIN), now.plus(ASK_AFTER_MAX));
    }

    /**
     * Takes note of the time in which the authority wants the certificate in force to be replaced, and until when it does not
     * want to be asked again.
     */
    void suggested(Instant start, Instant end, Optional<Instant> notBefore, Instant now) {
        askAgain(notBefore, now);
        if (life.isEmpty() || !start.isBefore(end)) {
            return;
        }
        var latest = life.get().at(LATEST);
        if (!end.isAfter(dueAt) || start.isAfter(dueAt)) {
            dueAt = earliest(
                    start.plusMillis((long) (Duration.between(start, end).toMillis() * chance.getAsDouble())), latest);
        }
    }

    /** Takes note that the authority has no wish, or did not tell it. */
    void nothingSuggested(Optional<Instant> notBefore, Instant now) {
        askAgain(notBefore, now);
    }

    private void askAgain(Optional<Instant> notBefore, Instant now) {
        var asked = notBefore.orElse(now.plus(ASK_AFTER));
        askAt = latest(now.plus(ASK_AFTER_MIN), earliest(asked, now.plus(ASK_AFTER_MAX)));
    }

    /**
     * Takes note that somebody wants to know now. What the authority does not want to be tried yet is not tried all the same.
     *
     * @param anew whether another certificate is wanted in any case
     */
    void wanted(boolean anew, Instant now) {
        pauseUntil = Instant.MIN;
        if (life.isPresent()) {
            askAt = now;
        }
        wantedAnew |= anew;
    }

    private Duration pause(Trouble.Kind kind, int times) {
        // What lives for minutes cannot wait for an hour.
        var longest = life.map(known -> known.length().dividedBy(10)).orElse(Backoff.LONGEST);
        return Backoff.pause(kind, times, longest, chance.getAsDouble());
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earliest(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
