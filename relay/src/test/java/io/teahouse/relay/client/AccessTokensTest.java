package io.teahouse.relay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AccessTokensTest {
    private static final SecretKey API_KEY = SecretKey.fromBytes(new byte[32]);
    private static final SecretKey ENDPOINT = SecretKey.fromBytes(
            "an endpoint's key, of 32 bytes..".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");

    private final AccessTokens tokens = AccessTokens.minted(API_KEY, Duration.ofDays(30));

    @Test
    void aTokenIsForTheEndpointAndSignedByTheApiKey() throws Exception {
        var token = RelayToken.parse(tokens.token(ENDPOINT.endpointId(), START).orElseThrow());

        assertThat(token.isSigned()).isTrue();
        assertThat(token.issuer()).isEqualTo(API_KEY.endpointId());
        assertThat(token.audience()).isEqualTo(ENDPOINT.endpointId());
        assertThat(token.permits(Capability.RELAY_USE)).isTrue();
        assertThat(token.expiry()).hasValue(START.plus(Duration.ofDays(30)).getEpochSecond());
    }

    @Test
    void itIsUsedWhileMoreThanAQuarterOfItsLifeIsLeft() {
        var first = tokens.token(ENDPOINT.endpointId(), START);

        assertThat(tokens.token(ENDPOINT.endpointId(), START.plus(Duration.ofDays(22))))
                .isEqualTo(first);
    }

    @Test
    void itIsRenewedBeforeItRunsOut() throws Exception {
        tokens.token(ENDPOINT.endpointId(), START);
        var later = START.plus(Duration.ofDays(23));

        var token = RelayToken.parse(tokens.token(ENDPOINT.endpointId(), later).orElseThrow());

        assertThat(token.expiry()).hasValue(later.plus(Duration.ofDays(30)).getEpochSecond());
    }

    @Test
    void anotherEndpointGetsItsOwn() throws Exception {
        tokens.token(ENDPOINT.endpointId(), START);

        var token = RelayToken.parse(tokens.token(API_KEY.endpointId(), START).orElseThrow());

        assertThat(token.audience()).isEqualTo(API_KEY.endpointId());
    }

    @Test
    void aLifeOfSecondsIsRefused() {
        assertThatThrownBy(() -> AccessTokens.minted(API_KEY, Duration.ofSeconds(59)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
