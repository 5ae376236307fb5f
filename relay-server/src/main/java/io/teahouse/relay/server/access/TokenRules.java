package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import java.util.Optional;
import java.util.Set;

/**
 * What a token must be to let an endpoint use a relay (access token spec, section 5).
 *
 * <p>Only decides: times are arguments. Immutable.
 *
 * @param issuers          whose tokens count; nobody's if empty
 * @param clockSkewSeconds how many seconds a token holds beyond its expiry, 0 to {@value #CLOCK_SKEW_SECONDS_MAX}, for
 *                         the clock of whoever minted it
 */
public record TokenRules(Set<EndpointId> issuers, long clockSkewSeconds) {
    /** Seconds beyond its expiry that a token holds where nothing else is said. */
    public static final long DEFAULT_CLOCK_SKEW_SECONDS = 30;

    /** The most that clocks may differ: a day. */
    public static final long CLOCK_SKEW_SECONDS_MAX = 86_400;

    /**
     * Copies the set.
     *
     * @throws IllegalArgumentException if an issuer is {@linkplain EndpointId#isSmallOrder of small order}, and so
     *                                  nobody's key, or the skew is out of its range
     */
    public TokenRules {
        issuers = Set.copyOf(issuers);
        for (var issuer : issuers) {
            if (issuer.isSmallOrder()) {
                throw new IllegalArgumentException(
                        "issuer: %s is of small order (expected: the public half of a key)".formatted(issuer));
            }
        }
        if (clockSkewSeconds < 0 || clockSkewSeconds > CLOCK_SKEW_SECONDS_MAX) {
            throw new IllegalArgumentException(
                    "clock skew: %d s (expected: 0 to %d)".formatted(clockSkewSeconds, CLOCK_SKEW_SECONDS_MAX));
        }
    }

    /**
     * {@return why a client is refused; empty if it may use the relay}
     *
     * @param token      what it presents, if anything
     * @param client     the key that it has proved
     * @param nowSeconds Unix time in seconds
     */
    public Optional<TokenRefusal> refusal(Optional<String> token, EndpointId client, long nowSeconds) {
        if (token.isEmpty()) {
            return Optional.of(TokenRefusal.NO_TOKEN);
        }
        try {
            return refusal(RelayToken.parse(token.get()), Optional.of(client), nowSeconds);
        } catch (FormatException _) {
            return Optional.of(TokenRefusal.MALFORMED);
        }
    }

    /**
     * {@return why a token is refused; empty if it lets its endpoint use the relay}
     *
     * @param token      what is presented
     * @param client     who presents it; if this is empty, whomever it is for
     * @param nowSeconds Unix time in seconds
     */
    public Optional<TokenRefusal> refusal(RelayToken token, Optional<EndpointId> client, long nowSeconds) {
        if (!issuers.contains(token.issuer())) { // before the signature: strangers are to cost nothing
            return Optional.of(TokenRefusal.UNKNOWN_ISSUER);
        }
        if (!token.isSigned()) {
            return Optional.of(TokenRefusal.BAD_SIGNATURE);
        }
        if (token.root().isPresent()) {
            return Optional.of(TokenRefusal.DELEGATION_NOT_SUPPORTED);
        }
        if (client.isPresent() && !client.get().equals(token.audience())) {
            return Optional.of(TokenRefusal.WRONG_AUDIENCE);
        }
        if (!token.isCurrent(nowSeconds, clockSkewSeconds)) {
            return Optional.of(TokenRefusal.EXPIRED);
        }
        return token.permits(Capability.RELAY_USE) ? Optional.empty() : Optional.of(TokenRefusal.MISSING_CAPABILITY);
    }
}
