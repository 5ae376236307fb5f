package io.teahouse.relay.client;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Gives the access token to show to a relay. Asked before every attempt to connect, so a token can be renewed in time.
 *
 * <p>Called by several threads at once; must not block.
 */
@FunctionalInterface
public interface AccessTokens {
    /** For relays that ask for none. */
    AccessTokens NONE = (_, _) -> Optional.empty();

    /**
     * {@return the token to show, or empty to show none; visible ASCII, at most 4096 characters}
     *
     * @param endpoint whom the relay is to let in: ourselves
     * @param now      the time
     */
    Optional<String> token(EndpointId endpoint, Instant now);

    /**
     * {@return always the same token}
     *
     * @param token what a relay's operator has given out
     */
    static AccessTokens fixed(String token) {
        return (_, _) -> Optional.of(token);
    }

    /**
     * {@return tokens signed here with an API key, for relays that admit a project: one is used as long as more than a quarter
     * of its life is left}
     *
     * @param apiKey   signs them, and never leaves this process
     * @param lifetime how long each holds, 1 minute or more; 30 days are usual
     */
    static AccessTokens minted(SecretKey apiKey, Duration lifetime) {
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("lifetime: %s (expected: 1 minute or more)".formatted(lifetime));
        }
        return new AccessTokens() {
            private Optional<RelayToken> latest = Optional.empty();

            @Override
            public synchronized Optional<String> token(EndpointId endpoint, Instant now) {
                long stillGood = now.plus(lifetime.dividedBy(4)).getEpochSecond();
                if (latest.isEmpty()
                        || !latest.get().audience().equals(endpoint)
                        || !latest.get().isCurrent(stillGood, 0)) {
                    long expiry = now.plus(lifetime).getEpochSecond();
                    latest = Optional.of(
                            RelayToken.mint(apiKey, endpoint, Set.of(Capability.RELAY_USE), OptionalLong.of(expiry)));
                }
                return latest.map(RelayToken::toText);
            }
        };
    }
}
