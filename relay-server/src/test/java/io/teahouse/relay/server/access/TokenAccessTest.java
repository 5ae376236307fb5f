package io.teahouse.relay.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in by a token, why not, and who may stay when issuers change. */
class TokenAccessTest {
    private static final long NOW = 1_800_000_000;
    private static final JsonObject VECTORS = vectors();
    private static final SecretKey ISSUER = key(1);
    private static final SecretKey STRANGER = key(2);
    private static final EndpointId CLIENT = key(3).endpointId();
    private static final EndpointId OTHER_CLIENT = key(4).endpointId();
    private static final Set<Capability> USE = EnumSet.of(Capability.RELAY_USE);

    private long now = NOW;
    private final TokenAccess access = access(true, ISSUER.endpointId());

    // ---- recorded tokens -----------------------------------------------------------------------------------------

    static Stream<JsonObject> recordedTokensAreJudgedAsThePublishedVerifierDoes() {
        return VECTORS.getAsJsonArray("tokens").asList().stream().map(JsonElement::getAsJsonObject);
    }

    @ParameterizedTest
    @MethodSource
    void recordedTokensAreJudgedAsThePublishedVerifierDoes(JsonObject recorded) throws FormatException {
        var refused = recorded.get("refused");
        var rules = rules(EndpointId.parse(VECTORS.get("issuer").getAsString()));

        var refusal = rules.refusal(
                Optional.of(recorded.get("token").getAsString()),
                EndpointId.parse(VECTORS.get("audience").getAsString()),
                NOW);

        assertThat(refusal.map(TokenRefusal::toString))
                .isEqualTo(refused.isJsonNull() ? Optional.empty() : Optional.of(refused.getAsString()));
    }

    @Test
    void aDelegatedTokenOfAKnownIssuerIsRefusedAsDelegated() throws FormatException {
        var delegated = RelayToken.parse(recordedTokensAreJudgedAsThePublishedVerifierDoes()
                .map(recorded -> recorded.get("token").getAsString())
                .toList()
                .getLast());

        assertThat(rules(delegated.issuer()).refusal(delegated, Optional.of(delegated.audience()), NOW))
                .hasValue(TokenRefusal.DELEGATION_NOT_SUPPORTED);
    }

    // ---- the order -----------------------------------------------------------------------------------------------

    @Test
    void theFirstFailureDecides() throws FormatException {
        var bad = RelayToken.mint(STRANGER, OTHER_CLIENT, Set.of(), OptionalLong.of(1));
        assertThat(refusal(bad)).hasValue(TokenRefusal.UNKNOWN_ISSUER);

        var unsigned = new RelayToken(
                ISSUER.endpointId(), OTHER_CLIENT, Optional.of(CLIENT), Set.of(), bad.expiry(), bad.signature());
        assertThat(refusal(unsigned)).hasValue(TokenRefusal.BAD_SIGNATURE);

        assertThat(refusal(RelayToken.mint(ISSUER, OTHER_CLIENT, Set.of(), OptionalLong.of(1))))
                .hasValue(TokenRefusal.WRONG_AUDIENCE);
        assertThat(refusal(RelayToken.mint(ISSUER, CLIENT, Set.of(), OptionalLong.of(1))))
                .hasValue(TokenRefusal.EXPIRED);
        assertThat(refusal(RelayToken.mint(ISSUER, CLIENT, Set.of(), OptionalLong.empty())))
                .hasValue(TokenRefusal.MISSING_CAPABILITY);
        assertThat(refusal(RelayToken.mint(ISSUER, CLIENT, USE, OptionalLong.empty())))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"-31, EXPIRED", "-30,", "0,", "1,"})
    void aTokenHoldsForTheSecondsThatClocksMayDiffer(long expiresIn, TokenRefusal refusal) {
        var token = RelayToken.mint(ISSUER, CLIENT, USE, OptionalLong.of(NOW + expiresIn));

        assertThat(refusal(token).orElse(null)).isEqualTo(refusal);
    }

    @Test
    void theTimeIsTheClocks() {
        var token = Optional.of(
                RelayToken.mint(ISSUER, CLIENT, USE, OptionalLong.of(NOW)).toText());
        assertThat(access.onConnect(request(CLIENT, token))).isEqualTo(Decision.allow());

        now = NOW + 31;

        assertThat(access.onConnect(request(CLIENT, token))).isEqualTo(Decision.deny(Denial.EXPIRED));
    }

    // ---- answers and counters ------------------------------------------------------------------------------------

    @Test
    void whoIsDeniedHearsNoReasonAndIsCountedByIt() {
        assertThat(access.onConnect(request(CLIENT, Optional.empty()))).isEqualTo(Decision.deny(Denial.NO_TOKEN));
        assertThat(access.onConnect(request(CLIENT, Optional.of("secret")))).isEqualTo(Decision.deny(Denial.MALFORMED));
        assertThat(access.onConnect(request(CLIENT, tokenOf(STRANGER))))
                .isEqualTo(Decision.deny(Denial.UNKNOWN_ISSUER));
        assertThat(access.onConnect(request(CLIENT, tokenOf(STRANGER))))
                .isEqualTo(Decision.deny(Denial.UNKNOWN_ISSUER));
        assertThat(access.onConnect(request(OTHER_CLIENT, tokenOf(ISSUER))))
                .isEqualTo(Decision.deny(Denial.WRONG_AUDIENCE));
        assertThat(access.onConnect(request(CLIENT, tokenOf(ISSUER)))).isEqualTo(Decision.allow());
    }

    @Test
    void whereNoTokenIsRequiredAllAreLetInAndCounted() {
        var open = access(false, ISSUER.endpointId());

        assertThat(open.onConnect(request(CLIENT, Optional.empty()))).isEqualTo(letInDespite(TokenRefusal.NO_TOKEN));
        assertThat(open.onConnect(request(CLIENT, tokenOf(STRANGER))))
                .isEqualTo(letInDespite(TokenRefusal.UNKNOWN_ISSUER));
        assertThat(open.onConnect(request(CLIENT, tokenOf(ISSUER)))).isEqualTo(Decision.allow());
        assertThat(open.mayStay(CLIENT, tokenOf(STRANGER), Optional.empty())).isTrue();
    }

    private static Decision letInDespite(TokenRefusal flaw) {
        return new Decision.Allow(Optional.empty(), Optional.empty(), Optional.of(flaw));
    }

    @Test
    void eachFlawIsCountedUnderTheNameOfItsDenial() {
        for (var flaw : TokenRefusal.values()) {
            assertThat(flaw.tolerated().label())
                    .isEqualTo(flaw.denial().counter().label());
        }
    }

    @Test
    void itNeverBlocks() {
        assertThat(access.mayBlock()).isFalse();
    }

    // ---- changes while the relay runs ----------------------------------------------------------------------------

    @Test
    void whoseIssuerIsGoneMayNotStay() {
        var both = access(true, ISSUER.endpointId(), STRANGER.endpointId());
        assertThat(both.mayStay(CLIENT, tokenOf(STRANGER), Optional.empty())).isTrue();

        var one = access(true, ISSUER.endpointId());
        assertThat(one.mayStay(CLIENT, tokenOf(STRANGER), Optional.empty())).isFalse();
        assertThat(one.mayStay(CLIENT, tokenOf(ISSUER), Optional.empty())).isTrue();
    }

    @Test
    void whoCameWithoutATokenOrWithOneThatHasRunOutMayStay() {
        var expired = RelayToken.mint(ISSUER, CLIENT, USE, OptionalLong.of(1)).toText();

        assertThat(access.mayStay(CLIENT, Optional.empty(), Optional.empty())).isTrue();
        assertThat(access.mayStay(CLIENT, Optional.of("of another rule"), Optional.empty()))
                .isTrue();
        assertThat(access.mayStay(CLIENT, Optional.of(expired), Optional.empty()))
                .isTrue();
    }

    // ---- keys that are nobody's ----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
            })
    void anIssuerOfSmallOrderIsRefused(String key) throws FormatException {
        var nobody = EndpointId.parse(key);

        assertThatThrownBy(() -> rules(nobody))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("issuer: %s is of small order (expected: the public half of a key)", key);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 86_401, Long.MIN_VALUE, Long.MAX_VALUE})
    void clocksMayDifferByADayAndNoMore(long seconds) {
        assertThatThrownBy(() -> new TokenRules(Set.of(), seconds)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- helpers -------------------------------------------------------------------------------------------------

    private Optional<TokenRefusal> refusal(RelayToken token) {
        return access.rules().refusal(Optional.of(token.toText()), CLIENT, NOW);
    }

    private TokenAccess access(boolean required, EndpointId... issuers) {
        return new TokenAccess(rules(issuers), required, () -> Instant.ofEpochSecond(now));
    }

    private static TokenRules rules(EndpointId... issuers) {
        return new TokenRules(Set.of(issuers), TokenRules.DEFAULT_CLOCK_SKEW_SECONDS);
    }

    private static Optional<String> tokenOf(SecretKey issuer) {
        return Optional.of(
                RelayToken.mint(issuer, CLIENT, USE, OptionalLong.empty()).toText());
    }

    private static ConnectRequest request(EndpointId client, Optional<String> token) {
        return new ConnectRequest(
                1,
                client,
                ProtocolVersion.V2,
                "/relay",
                List.of(),
                List.of(),
                token,
                new InetSocketAddress("192.0.2.1", 1234));
    }

    private static SecretKey key(int number) {
        var seed = new byte[SecretKey.LENGTH];
        seed[0] = (byte) number;
        return SecretKey.fromBytes(seed);
    }

    private static JsonObject vectors() {
        var stream = Objects.requireNonNull(TokenAccessTest.class.getResourceAsStream("/vectors/access-tokens.json"));
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
