package io.teahouse.core.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.Signature;
import io.teahouse.core.Vectors;
import io.teahouse.core.bytes.Base32;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayTokenTest {
    private static final SecretKey ISSUER = SecretKey.fromBytes(new byte[SecretKey.LENGTH]);
    private static final EndpointId AUDIENCE =
            ISSUER.endpointId(); // a key may grant itself something, and one key is enough here

    /** Version, issuer, audience and origin: all that is the same in most tokens. */
    private static final String BEGINNING = "0120" + ISSUER.endpointId() + "20" + AUDIENCE + "00";

    private static final String SIGNATURE = "00".repeat(Signature.LENGTH);

    // ---- recorded tokens -----------------------------------------------------------------------------------------

    static Stream<JsonObject> mintingGivesTheRecordedTokens() {
        return recorded().filter(token -> token.has("minted"));
    }

    @ParameterizedTest
    @MethodSource
    void mintingGivesTheRecordedTokens(JsonObject recorded) throws FormatException {
        var minted = recorded.getAsJsonObject("minted");
        var capabilities = EnumSet.noneOf(Capability.class);
        for (JsonElement name : minted.getAsJsonArray("capabilities")) {
            capabilities.add(Capability.parse(name.getAsString()));
        }

        var token = RelayToken.mint(
                SecretKey.parse(Vectors.text(minted, "issuer_seed")),
                EndpointId.parse(Vectors.text(minted, "audience")),
                capabilities,
                minted.get("expiry").isJsonNull()
                        ? OptionalLong.empty()
                        : OptionalLong.of(minted.get("expiry").getAsLong()));

        assertThat(token.toText()).isEqualTo(Vectors.text(recorded, "token"));
        assertThat(RelayToken.parse(token.toText())).isEqualTo(token).hasSameHashCodeAs(token);
        assertThat(token.isSigned()).isTrue();
        assertThat(token.permits(Capability.RELAY_USE))
                .isEqualTo(!refusal(recorded).equals("missing capability"));
        assertThat(token.isCurrent(1_800_000_000, 30))
                .isEqualTo(!refusal(recorded).equals("expired"));
    }

    static Stream<JsonObject> recordedTokensReadAsTheyWere() {
        return recorded().filter(token -> !refusal(token).equals("malformed"));
    }

    @ParameterizedTest
    @MethodSource
    void recordedTokensReadAsTheyWere(JsonObject recorded) throws FormatException {
        var text = Vectors.text(recorded, "token");
        var token = RelayToken.parse(text);

        assertThat(token.toText()).isEqualTo(text);
        assertThat(RelayToken.parse(text.toUpperCase(Locale.ROOT))).isEqualTo(token);
        assertThat(token.isSigned()).isEqualTo(!refusal(recorded).equals("bad signature"));
        assertThat(token.root()).isEqualTo(text.equals(token("N9")) ? Optional.of(token.audience()) : Optional.empty());
    }

    @Test
    void theFirstRecordedTokenSaysWhatItsDocumentSays() throws FormatException {
        var token = RelayToken.parse(token("V1"));

        assertThat(token.issuer()).hasToString(Vectors.TOKENS.text("issuer"));
        assertThat(token.audience()).hasToString(Vectors.TOKENS.text("audience"));
        assertThat(token.capabilities()).containsExactly(Capability.RELAY_USE);
        assertThat(token.expiry()).hasValue(4_102_444_800L);
        assertThat(HexFormat.of().formatHex(token.signature().toBytes()))
                .startsWith("eff6f41f")
                .endsWith("1a8e03");
        assertThat(token).hasToString("RelayToken[of 03a107bff3 for 2543b92ff1]");
    }

    // ---- what is no token ----------------------------------------------------------------------------------------

    @Test
    void anotherVersionIsRefused() {
        assertThatThrownBy(() -> RelayToken.parse(token("N5")))
                .isInstanceOf(FormatException.class)
                .hasMessage("token: version 2 (expected: 1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "''|token: ends within version (expected: more bytes)",
                "aeq=====|token: not base32 (expected: a to z and 2 to 7, no bit left over)",
                " aeqa|token: not base32 (expected: a to z and 2 to 7, no bit left over)",
                "aeq1|token: not base32 (expected: a to z and 2 to 7, no bit left over)",
                "aeqahi|token: not base32 (expected: a to z and 2 to 7, no bit left over)",
                "ab|token: not base32 (expected: a to z and 2 to 7, no bit left over)",
                "ae|token: ends within length of issuer (expected: more bytes)"
            })
    void textThatIsNoTokenIsRefused(String text, String message) {
        assertThatThrownBy(() -> RelayToken.parse(text))
                .isInstanceOf(FormatException.class)
                .hasMessage(message);
    }

    @Test
    void aTextThatIsTooLongIsNotLookedAt() {
        assertThatThrownBy(() -> RelayToken.parse("!".repeat(2049)))
                .isInstanceOf(FormatException.class)
                .hasMessage("token: 2049 characters (expected: at most 2048)");
        assertThatThrownBy(() -> RelayToken.parse("!".repeat(2048))).hasMessageStartingWith("token: not base32");
    }

    @Test
    void theBytesAroundWhichTheNextTestsAreBuiltAreAToken() throws FormatException {
        assertThat(read("0001020000" + SIGNATURE).capabilities()).containsExactly(Capability.RELAY_USE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01", // capabilities of another version
                "00", // no count
                "0001020002", // an unknown way to expire
                "00ff01", // more capabilities than bytes
                "00ffffffffffffffffff0100", // more than an int can count
                "00020200020000", // one capability twice
                "00020200010000", // not in their order
                "00010500", // an unknown capability
                "00010201", // an unknown one about relays
                "000103ff", // and one about measurements
                "0001040200", // and one about diagnostics
                "000081000200", // a count with an empty byte
                "00010200018000", // an expiry with an empty byte
                "000102000180808080808080808002", // an expiry of more than 64 bits
                "00010200018080" // an expiry cut short by what looks like the signature
            })
    void bytesThatAreNoTokenAreRefused(String behindTheKeys) {
        assertThatThrownBy(() -> read(behindTheKeys + SIGNATURE)).isInstanceOf(FormatException.class);
    }

    @Test
    void bytesBehindTheSignatureAreRefused() {
        assertThatThrownBy(() -> read("0001020000" + SIGNATURE + "00"))
                .isInstanceOf(FormatException.class)
                .hasMessage("token: 65 bytes behind the payload (expected: 64, the signature)");
    }

    @Test
    void aKeyThatIsNoPointIsRefused() {
        String noPoint = "02" + "00".repeat(31);
        assertThatThrownBy(() -> RelayToken.fromBytes(HexFormat.of().parseHex("0120" + noPoint)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("data is not a valid public key");
    }

    @Test
    void aTokenCutShortAnywhereIsRefused() throws FormatException {
        byte[] bytes = RelayToken.parse(token("V1")).toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] shorter = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> RelayToken.fromBytes(shorter)).isInstanceOf(FormatException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"V1", "V5", "N9"})
    void whoeverChangesOneBitHasNoSignedTokenAnyMore(String name) throws FormatException {
        byte[] bytes = RelayToken.parse(token(name)).toBytes();
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
            assertThat(signedTokenOf(changed)).as("bit %d", bit).isEmpty();
        }
    }

    // ---- any token -----------------------------------------------------------------------------------------------

    @Property(tries = 300)
    void whatIsMintedReadsBackAndIsSigned(
            @ForAll @Size(value = 32) byte[] seed, @ForAll Set<Capability> capabilities, @ForAll Optional<Long> expiry)
            throws FormatException {
        var key = SecretKey.fromBytes(seed);
        var token = RelayToken.mint(
                key, AUDIENCE, capabilities, expiry.map(OptionalLong::of).orElseGet(OptionalLong::empty));

        assertThat(RelayToken.parse(token.toText())).isEqualTo(token);
        assertThat(token.isSigned()).isTrue();
    }

    @Property(tries = 1000)
    void anyBytesAreATokenOrAreRefused(@ForAll byte[] bytes) {
        assertReadsBackOrIsRefused(bytes);
        assertReadsBackOrIsRefused(
                HexFormat.of().parseHex(BEGINNING + HexFormat.of().formatHex(bytes) + SIGNATURE));
    }

    @Property(tries = 1000)
    void anyTextIsATokenOrIsRefused(@ForAll String text) {
        try {
            assertThat(RelayToken.parse(text).toText()).isEqualTo(text.toLowerCase(Locale.ROOT));
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Property(tries = 2000)
    void anyChangeOfAByteGivesAnotherTokenOrIsRefused(@ForAll byte other, @ForAll int where) throws FormatException {
        byte[] bytes = RelayToken.parse(token("V1")).toBytes();
        byte[] changed = bytes.clone();
        changed[Math.floorMod(where, bytes.length)] = other;

        assertReadsBackOrIsRefused(changed);
        if (!Arrays.equals(bytes, changed)) {
            assertThat(signedTokenOf(changed)).isEmpty();
        }
    }

    // ---- what it permits, and how long ---------------------------------------------------------------------------

    @Test
    void aClientMayDoEverythingButAll() {
        assertThat(EnumSet.allOf(Capability.class)).allSatisfy(capability -> {
            assertThat(Capability.ALL.permits(capability)).isTrue();
            assertThat(Capability.CLIENT.permits(capability)).isEqualTo(capability != Capability.ALL);
            assertThat(capability.permits(capability)).isTrue();
            assertThat(Capability.METRICS_PUT_ANY.permits(capability))
                    .isEqualTo(capability == Capability.METRICS_PUT_ANY);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 0, true",
        "1000, 1001, 0, false",
        "1000, 1030, 30, true",
        "1000, 1031, 30, false",
        "0, 0, 0, true",
        "0, 30, 30, true",
        "0, 31, 30, false",
        "-1, 1800000000, 0, true", // the largest unsigned number
        "9223372036854775807, 1800000000, 0, true",
        "1000, -5, 0, true" // before 1970
    })
    void aTokenHoldsUpToAndIncludingTheSecondOfItsExpiry(long expiry, long now, long skew, boolean isCurrent) {
        var token = RelayToken.mint(ISSUER, AUDIENCE, Set.of(), OptionalLong.of(expiry));

        assertThat(token.isCurrent(now, skew)).isEqualTo(isCurrent);
    }

    @Test
    void aTokenWithoutAnExpiryHoldsForever() {
        var token = RelayToken.mint(ISSUER, AUDIENCE, Set.of(), OptionalLong.empty());

        assertThat(token.isCurrent(Long.MAX_VALUE, 0)).isTrue();
    }

    @Test
    void nobodyIsPermittedAnythingByAnEmptySet() {
        assertThat(RelayToken.mint(ISSUER, AUDIENCE, Set.of(), OptionalLong.empty())
                        .permits(Capability.RELAY_USE))
                .isFalse();
    }

    @Test
    void capabilitiesHaveTheNamesThatPeopleWrite() throws FormatException {
        for (var capability : Capability.values()) {
            assertThat(Capability.parse(capability.toString())).isEqualTo(capability);
        }
        assertThatThrownBy(() -> Capability.parse("relay:own"))
                .isInstanceOf(FormatException.class)
                .hasMessage("capability: unknown (expected: one of all, client, relay:use, metrics:put-any,"
                        + " net-diagnostics:put-any, net-diagnostics:get-any)");
    }

    // ---- helpers -------------------------------------------------------------------------------------------------

    private static void assertReadsBackOrIsRefused(byte[] bytes) {
        try {
            assertThat(RelayToken.fromBytes(bytes).toBytes()).isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    /** The token of these bytes if its issuer signed it; a changed version byte, which nobody signs, makes it none. */
    private static Optional<RelayToken> signedTokenOf(byte[] bytes) {
        try {
            return Optional.of(RelayToken.fromBytes(bytes)).filter(RelayToken::isSigned);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    private static RelayToken read(String behindTheKeys) throws FormatException {
        return RelayToken.fromBytes(HexFormat.of().parseHex(BEGINNING + behindTheKeys));
    }

    private static Stream<JsonObject> recorded() {
        return Vectors.TOKENS.cases("tokens");
    }

    private static String refusal(JsonObject recorded) {
        return recorded.get("refused").isJsonNull() ? "" : Vectors.text(recorded, "refused");
    }

    private static String token(String name) {
        return recorded()
                .filter(token -> Vectors.text(token, "name").equals(name))
                .map(token -> Vectors.text(token, "token"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aTokenIsAsLongAsItsDocumentSays() throws FormatException {
        assertThat(RelayToken.parse(token("V1")).toBytes()).hasSize(142);
        assertThat(RelayToken.parse(token("V2")).toBytes()).hasSize(137);
        assertThat(Base32.lengthOf(142)).isEqualTo(token("V1").length());
    }
}
