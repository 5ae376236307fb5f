package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.bytes.Base32;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.ConnectRequest;
import io.teahouse.relay.server.access.Denial;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRefusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table {@code [access.tokens]}: what comes of it, and what an operator reads who wrote it wrongly. */
class TokensReaderTest {
    private static final SecretKey KEY = SecretKey.fromBytes(new byte[SecretKey.LENGTH]);
    private static final EndpointId ISSUER = KEY.endpointId();
    private static final EndpointId OTHER_ISSUER =
            id("ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6");
    private static final String NOBODY = "01" + "0".repeat(62);
    private static final String ID = "the endpoint id of a key that signs tokens, 64 characters of hex or 52 of base32";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void whoHasATokenOfAnIssuerIsLetIn() throws Exception {
        var file = parse("access.tokens.issuers = [\"%s\"]".formatted(ISSUER));

        assertThat(file.whoMayUse()).isEqualTo("endpoints with a token of the 1 issuer of access.tokens");
        assertThat(decision(file, Optional.of(token()))).isEqualTo(Decision.allow());
        assertThat(decision(file, Optional.empty())).isEqualTo(Decision.deny(Denial.NO_TOKEN));
        assertThat(access(file).rules().clockSkewSeconds()).isEqualTo(30);
    }

    @Test
    void issuersStandInTheTableAndInAFile() throws Exception {
        var issuers =
                file("# of the project\n\n  %s  # and why\r\n".formatted(Base32.RFC4648.encode(ISSUER.toBytes())));
        var file = parse("""
                [access.tokens]
                issuers = ["%s"]
                issuers_file = "%s"
                clock_skew_seconds = 5
                """.formatted(OTHER_ISSUER, issuers));

        assertThat(file.whoMayUse()).isEqualTo("endpoints with a token of the 2 issuers of access.tokens");
        assertThat(access(file).rules().issuers()).containsExactlyInAnyOrder(ISSUER, OTHER_ISSUER);
        assertThat(access(file).rules().clockSkewSeconds()).isEqualTo(5);
    }

    @Test
    void whereNoTokenIsRequiredEverybodyIsLetIn() throws Exception {
        var file = parse("access.tokens = { issuers = [\"%s\"], required = false }".formatted(ISSUER));

        assertThat(file.whoMayUse()).isEqualTo("everyone, tokens are counted");
        assertThat(decision(file, Optional.empty()))
                .isEqualTo(new Decision.Allow(Optional.empty(), Optional.empty(), Optional.of(TokenRefusal.NO_TOKEN)));
    }

    @Test
    void withoutAnyIssuerNobodyIsLetInAndTheLogSaysSo() throws Exception {
        var file = parse("\n[access.tokens]\nissuers = []");

        assertThat(decision(file, Optional.of(token()))).isEqualTo(Decision.deny(Denial.UNKNOWN_ISSUER));
        assertThat(file.notices())
                .containsExactly(
                        new Notice(Place.atLine(2), "access.tokens", "has no issuers: nobody may use this relay"));
    }

    @Test
    void aTableThatNamesNoIssuersIsReported() {
        assertThat(problems("[access.tokens]\nrequired = true")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.tokens.issuers: missing
                    [access.tokens] is present; name the keys that sign tokens, or an issuers_file with them""");
    }

    @Test
    void issuersThatAreNoneAreReportedWhereverTheyStand() throws IOException {
        var issuers = file("%s\nsecret\n".formatted(ISSUER));
        assertThat(problems("""
                [access.tokens]
                issuers = ["abc", "%s"]
                issuers_file = "%s"
                clock_skew_seconds = 86401
                """.formatted(NOBODY, issuers))).isEqualTo("""
                relay.toml: 4 problems, nothing was started
                relay.toml:2: access.tokens.issuers[0]: no id (expected: %2$s)
                    invalid length: 3 bytes of text (expected: 64 of hex or 52 of base32)
                relay.toml:2: access.tokens.issuers[1]: no id (expected: %2$s)
                    it is of small order: nobody has the secret half of it
                relay.toml:3: access.tokens.issuers_file: %1$s (expected: a readable file with one id a line)
                    invalid length: 6 bytes of text (expected: 64 of hex or 52 of base32)
                relay.toml:4: access.tokens.clock_skew_seconds: 86401 (expected: a whole number of seconds, 0 to 86400)""".formatted(Quoted.text(issuers + ":2"), ID));
    }

    @Test
    void aSecretInThePlaceOfAnIssuerIsNotRepeated() {
        var noPoint = "02" + "0".repeat(62);
        assertThat(problems("access.tokens.issuers = [\"servicesaaqaaaicamcakbqh\", \"%s\"]".formatted(noPoint)))
                .contains("is it a secret? the relay is to know only the endpoint id of the key")
                .doesNotContain("aaqaaaicam")
                .doesNotContain(noPoint);
    }

    @Test
    void aFileOfIssuersThatIsNotThereIsReported() {
        assertThat(problems("access.tokens.issuers_file = \"/nowhere/issuers\""))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.tokens.issuers_file: "/nowhere/issuers" (expected: a readable file with one id a line)
                    it does not exist""");
    }

    @Test
    void aTokenInThePlaceOfTheTableIsRefusedWithoutRepeatingIt() {
        assertThat(problems("access.tokens = \"hunter2\"")).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access.tokens: no table (expected: a table, [access.tokens])""");
    }

    @Test
    void tokensAreARuleLikeTheOthers() {
        assertThat(problems("""
                [access]
                allowlist = []
                tokens.issuers = []
                """)).isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:3: access: allowlist and tokens (expected: exactly one of them)
                    keep the one that is meant""");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("issuers"), text);
    }

    private static RelayFile parse(String toml) throws ConfigException {
        return RelayFile.parse("relay.toml", toml, false, Map.of());
    }

    private static String problems(String toml) {
        return String.valueOf(
                catchThrowableOfType(ConfigException.class, () -> parse(toml)).getMessage());
    }

    private static TokenAccess access(RelayFile file) {
        return (TokenAccess) file.server().access();
    }

    private static String token() {
        return RelayToken.mint(KEY, ISSUER, Set.of(Capability.CLIENT), OptionalLong.empty())
                .toText();
    }

    private static Decision decision(RelayFile file, Optional<String> token) throws Exception {
        return file.server()
                .access()
                .onConnect(new ConnectRequest(
                        1,
                        ISSUER,
                        ProtocolVersion.V2,
                        "/relay",
                        List.of(),
                        List.of(),
                        token,
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1)));
    }

    private static EndpointId id(String hex) {
        try {
            return EndpointId.parse(hex);
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
    }
}
