package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.RelayToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as a user meets them, with the keys and tokens of the access token spec, section 9. */
class KeyAndTokenCommandsTest {
    private static final String SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String ISSUER = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    private static final String ENDPOINT = "2543b92ff1095511476adc8369db6ddc933665a11978dda1404ee1066ca9559d";
    private static final String API_SECRET =
            "servicesaaqaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4h6ncszx7flosuyzj737w45t3ao4yvq5mgtvhaeu"
                    + "w7b6djsd5zptviaqaitior2ha4z2f4xxk43fgewtcltsmvwgc6jomv4gc3lqnrss433sm4xc6";

    /** For the endpoint, relay:use, until 2100. */
    private static final String UNTIL_2100 =
            "aeqahiihx7z44ef6dvyn2ghhjpajsz7e2yyjxjinl4o5zbtecjktdobaevb3sl7rbfkrcr3k3sbwtw3n3sjtmznbdf4n3ikaj3qq"
                    + "m3fjkwoqaaabaiaadafotgsa737w6qp2ic3dtikqatjyf6g3okzhzhuil676seovkyf6dkknwj6447j2nqldap2kf3eueyztqm4q"
                    + "bykukkb323joxdwee5o3roa2rybq";

    /** The same, for ever. */
    private static final String FOR_EVER =
            "aeqahiihx7z44ef6dvyn2ghhjpajsz7e2yyjxjinl4o5zbtecjktdobaevb3sl7rbfkrcr3k3sbwtw3n3sjtmznbdf4n3ikaj3qq"
                    + "m3fjkwoqaaabaiaabdyryncudfpkugksigd4lpauzqprnj6yznibwg3vkqacgh7sctlz5i6s643nlfequthcltg7hhgq7lsidl2d"
                    + "jbvromzlzd4ksrgjx4fq";

    /** What is granted by another key than the issuer's. */
    private static final String DELEGATED =
            "aeqckq5zf7yqsviri5vnza3j3nw5zezwmwqrs6g5ufae5yignsuvlhjaaoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdg"
                    + "iesvgg4aciadued3746occ7b24g5ddtuxqezm7snmme3uugv6ho4qzsbevjrxaaacaqaad3gmcc3jk4dthf4lkr5uqol4l4uzur2"
                    + "voxiq7khxyhsidg2wc3mvybgux3nzkuu7cjfqgo5eyyyrhw6lmtr3dmmwk4iqksezpm3igyd";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    /** What a run left behind. */
    private record Outcome(int exitCode, String out, String err) {}

    // ---- mint ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {SEED, API_SECRET})
    void aTokenIsMintedWithAKeyOrAnApiSecretWhereverItStands(String secret) throws IOException {
        var file = directory.resolve("secret");
        Files.writeString(file, secret + "\n");
        String[] rest = {"token", "mint", "--endpoint", ENDPOINT, "--expires-in", "never"};
        var minted = new Outcome(0, FOR_EVER + "\n", "");

        assertThat(run(Map.of(), "", with(rest, "--secret-file", file.toString())))
                .isEqualTo(minted);
        assertThat(run(Map.of(), secret + "\r\n", with(rest, "--secret-file", "-")))
                .isEqualTo(minted);
        assertThat(run(Map.of("IROH_SERVICES_API_SECRET", secret), "", rest)).isEqualTo(minted);
        assertThat(run(Map.of(), "", with(rest, "--secret", secret))).isEqualTo(minted);
    }

    @Test
    void aTokenHoldsForThirtyDaysUnlessOneSaysOtherwise() throws FormatException {
        var usual = run("token", "mint", "--secret", SEED, "--endpoint", ENDPOINT);
        var brief = run("token", "mint", "--secret", SEED, "--endpoint", ENDPOINT, "--expires-in", "90m");

        assertThat(RelayToken.parse(usual.out.strip()).expiry()).hasValue(1_800_000_000L + 2_592_000);
        assertThat(RelayToken.parse(brief.out.strip()).expiry()).hasValue(1_800_000_000L + 5_400);
    }

    @Test
    void aTokenPermitsWhatOneSays() throws FormatException {
        var outcome = run(
                "token",
                "mint",
                "--secret",
                SEED,
                "--endpoint",
                ENDPOINT,
                "--capability",
                "metrics:put-any",
                "--capability",
                "relay:use");

        assertThat(RelayToken.parse(outcome.out.strip()).capabilities().toString())
                .isEqualTo("[relay:use, metrics:put-any]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--expires-in 30|\"30\" is no length of time (expected: such as 30d, 12h, 90m, 600s or never)",
                "--expires-in 0d|\"0d\" is no length of time",
                "--capability relay|capability: unknown (expected: one of all, client,",
                "--endpoint abc|invalid length: 3 bytes of text",
                "--secret-file x|--secret and --secret-file (expected: one of them)"
            })
    void whatCannotBeMintedIsExplained(String more, String message) {
        var outcome = run(
                with(new String[] {"token", "mint", "--secret", SEED, "--endpoint", ENDPOINT}, more.split(" ", -1)));

        assertThat(outcome.exitCode).isEqualTo(2);
        assertThat(outcome.out).isEmpty();
        assertThat(outcome.err)
                .startsWith("teahouse token mint: ")
                .contains(message)
                .doesNotContain(SEED);
    }

    @Test
    void whoHasNoSecretIsToldWhereItCouldBe() {
        var outcome = run(Map.of("IROH_SERVICES_API_SECRET", ""), "", "token", "mint", "--endpoint", ENDPOINT);

        assertThat(outcome.exitCode).isEqualTo(2);
        assertThat(outcome.err)
                .startsWith("teahouse token mint: no secret (expected: --secret-file FILE, or"
                        + " IROH_SERVICES_API_SECRET in the environment)\n");
    }

    @Test
    void aSecretThatIsNoneIsNotRepeated() {
        String nearly = API_SECRET.substring(0, 60) + "!";
        var outcome = run(Map.of(), nearly, "token", "mint", "--endpoint", ENDPOINT, "--secret-file", "-");

        assertThat(outcome.exitCode).isEqualTo(2);
        assertThat(outcome.err)
                .startsWith("teahouse token mint: standard input: API secret: not base32")
                .doesNotContain(nearly.substring(10));
        assertThat(run("token", "mint", "--endpoint", ENDPOINT, "--secret-file", "/nowhere/secret").err)
                .startsWith("teahouse token mint: /nowhere/secret: does not exist (expected: a secret)\n");
    }

    // ---- inspect -------------------------------------------------------------------------------------------------

    @Test
    void aTokenIsShownAsATable() {
        assertThat(run("token", "inspect", UNTIL_2100)).isEqualTo(new Outcome(0, """
                issuer        03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8
                endpoint      2543b92ff1095511476adc8369db6ddc933665a11978dda1404ee1066ca9559d
                granted by    the issuer itself
                permits       relay:use
                expires       2100-01-01T00:00:00Z
                signature     the issuer's
                """, ""));
        assertThat(run("token", "inspect", DELEGATED).out)
                .contains("granted by    " + ISSUER + ", through the issuer\n")
                .contains("expires       never\n");
    }

    @Test
    void aTokenIsShownAsJson() {
        assertThat(run("token", "inspect", "--json", UNTIL_2100).out)
                .isEqualTo("{\"issuer\":\"" + ISSUER + "\",\"endpoint\":\"" + ENDPOINT
                        + "\",\"root\":null,\"capabilities\":[\"relay:use\"],\"expiry\":4102444800,\"signature\":\""
                        + "eff6f41fa40b639a15004d382f8db72b27c9e885fbfe911d5560be1a94db27dc"
                        + "e7d3a6c16303f4a2ec9426333833900e1545283bd6d2eb8ec4275db8b81a8e03"
                        + "\",\"signed\":true}\n");
        assertThat(run("token", "inspect", "--json", DELEGATED).out)
                .contains("\"root\":\"" + ISSUER + "\"")
                .contains("\"expiry\":null");
    }

    @Test
    void whatIsNoTokenCannotBeShown() {
        assertThat(run("token", "inspect", "ae"))
                .isEqualTo(new Outcome(1, "", "token: ends within length of issuer (expected: more bytes)\n"));
    }

    // ---- verify --------------------------------------------------------------------------------------------------

    @Test
    void aTokenOfAnIssuerIsValid() {
        var valid = new Outcome(0, "valid\n", "");

        assertThat(run("token", "verify", UNTIL_2100, "--issuer", ISSUER)).isEqualTo(valid);
        assertThat(run("token", "verify", "--issuer", ENDPOINT, "--issuer", ISSUER, "--endpoint", ENDPOINT, UNTIL_2100))
                .isEqualTo(valid);
    }

    @Test
    void aTokenThatIsNotValidHasAReason() {
        assertThat(run("token", "verify", UNTIL_2100, "--issuer", ENDPOINT))
                .isEqualTo(new Outcome(1, "not valid: unknown issuer\n", ""));
        assertThat(run("token", "verify", UNTIL_2100, "--issuer", ISSUER, "--endpoint", ISSUER))
                .isEqualTo(new Outcome(1, "not valid: wrong audience\n", ""));
        assertThat(run("token", "verify", "ae", "--issuer", ISSUER))
                .isEqualTo(new Outcome(
                        1, "not valid: malformed, token: ends within length of issuer (expected: more bytes)\n", ""));
    }

    @Test
    void anIssuerHasToBeNamedAndToBeAKey() {
        assertThat(run("token", "verify", UNTIL_2100).exitCode).isEqualTo(2);
        assertThat(run("token", "verify", UNTIL_2100, "--issuer", "01" + "0".repeat(62)).err)
                .startsWith("teahouse token verify: issuer: 01")
                .contains("is of small order");
    }

    // ---- key -----------------------------------------------------------------------------------------------------

    @Test
    void aNewKeyIsPrintedWithItsId() throws FormatException {
        var outcome = run("key", "new");

        assertThat(outcome.exitCode).isZero();
        assertThat(outcome.out).matches("secret key    [0-9a-f]{64}\nendpoint id   [0-9a-f]{64}\n");
        var words = outcome.out.split("\\s+", -1);
        assertThat(SecretKey.parse(words[2]).endpointId()).hasToString(words[5]);
        assertThat(run("key", "new").out).isNotEqualTo(outcome.out);
    }

    @Test
    void aNewKeyInAFileIsItsOwnersAlone() throws Exception {
        var file = directory.resolve("key");

        var outcome = run("key", "new", "--out", file.toString());

        var key = SecretKey.parse(Files.readString(file).strip());
        assertThat(outcome).isEqualTo(new Outcome(0, "endpoint id   " + key.endpointId() + "\n", ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileThatIsThereIsNeverOverwritten() throws IOException {
        var file = Files.writeString(directory.resolve("key"), "precious");

        assertThat(run("key", "new", "--out", file.toString()))
                .isEqualTo(new Outcome(1, "", file + ": is there already (expected: a new file)\n"));
        assertThat(file).hasContent("precious");
        assertThat(run("key", "new", "--out", directory.resolve("none/key").toString()).err)
                .endsWith("none/key: no such directory\n");
    }

    // ---- the program ---------------------------------------------------------------------------------------------

    @Test
    void theProgramHasTheCommands() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exitCode = Main.run(
                Map.of(),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                "token",
                "verify",
                FOR_EVER,
                "--issuer",
                ISSUER);

        assertThat(exitCode).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("valid\n");
        assertThat(Main.run(Map.of(), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), "token"))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8)).startsWith("teahouse token: no command given\n");
    }

    private static String[] with(String[] args, String... more) {
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static Outcome run(String... args) {
        return run(Map.of(), "", args);
    }

    /** Runs a command when it is 1800000000, in 2027. */
    private static Outcome run(Map<String, String> environment, String in, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exitCode = Main.commandLine(
                        environment,
                        new ByteArrayInputStream(in.getBytes(UTF_8)),
                        () -> Instant.ofEpochSecond(1_800_000_000),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8))
                .execute(args);
        return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }
}
