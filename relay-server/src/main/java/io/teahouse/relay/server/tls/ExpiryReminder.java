package io.teahouse.relay.server.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides when the operator is to be told that a certificate is of no use, or soon will be: at once when it comes into force,
 * and then once a day for as long as it is so. Not thread-safe.
 */
final class ExpiryReminder {
    /** How long before the end the first reminder comes: 14 days. Most certificates of today have been renewed by then. */
    static final Duration NOTICE = Duration.ofDays(14);

    /** How often: 1 day. */
    static final Duration EVERY = Duration.ofDays(1);

    private final ServerCertificate certificate;
    private Instant nextAt = Instant.MIN;

    ExpiryReminder(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    /** Returns what is to be said now, if anything is. */
    Optional<String> due(Instant now) {
        if (now.isBefore(nextAt)) {
            return Optional.empty();
        }
        var left = Duration.between(now, certificate.notAfter());
        var said = now.isBefore(certificate.notBefore())
                ? Optional.of("tls: renew the certificate: that for %s is valid only from %s; clients refuse this relay"
                        .formatted(certificate.names(), certificate.notBefore()))
                : left.compareTo(NOTICE) < 0 ? Optional.of(expiry(left)) : Optional.<String>empty();
        if (said.isPresent()) {
            nextAt = now.plus(EVERY);
        }
        return said;
    }

    private String expiry(Duration left) {
        return left.isPositive()
                ? "tls: renew the certificate: that for %s expires at %s, in %s"
                        .formatted(certificate.names(), certificate.notAfter(), days(left))
                : "tls: renew the certificate: that for %s expired at %s; clients refuse this relay"
                        .formatted(certificate.names(), certificate.notAfter());
    }

    private static String days(Duration left) {
        long days = left.toDays();
        return days == 0 ? "less than a day" : days == 1 ? "1 day" : days + " days";
    }
}
