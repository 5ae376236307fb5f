package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code teahouse check-config}, with files that are right and files that are wrong. */
class CheckConfigTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int check(String toml, String... options) throws IOException {
        var file = Files.writeString(folder.resolve("relay.toml"), toml);
        var args = new String[options.length + 2];
        args[0] = "check-config";
        System.arraycopy(options, 0, args, 1, options.length);
        args[args.length - 1] = file.toString();
        return Main.run(Map.of(), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), args);
    }

    private String said(ByteArrayOutputStream stream) {
        return stream.toString(UTF_8).replace(folder + "/", "");
    }

    @Test
    void aFileThatIsRightIsFineAndWhatMayNotBeMeantIsSaid() throws Exception {
        assertThat(check("access.allowlist = []")).isZero();
        assertThat(said(out)).isEqualTo("""
                relay.toml:1: access.allowlist: is empty: nobody may use this relay
                relay.toml: fine, open to the 0 endpoints of access.allowlist
                """);
        assertThat(said(err)).isEmpty();
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() throws Exception {
        assertThat(check("enable_metrics = 1\nacess = \"everyone\"")).isEqualTo(2);
        assertThat(said(err))
                .startsWith("relay.toml: 2 problems, nothing was started\n")
                .contains("relay.toml:1: enable_metrics: 1 (expected: true or false)")
                .contains("did you mean access?");
        assertThat(said(out)).isEmpty();
    }

    @Test
    void aCertificateThatIsNoneIsFound() throws Exception {
        var certificate = Files.writeString(folder.resolve("chain.pem"), "no PEM");
        var tls = """
                [tls]
                cert_mode = "Manual"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                """.formatted(certificate, certificate);
        assertThat(check(tls)).isEqualTo(2);
        assertThat(said(err)).startsWith("teahouse: relay not started: failed to read ");
        assertThat(check(tls, "--dev")).isZero();
    }

    @Test
    void aFileThatIsNotThereIsNoEmptyFile() {
        assertThat(Main.run(
                        Map.of(),
                        System.out,
                        new PrintStream(err, true, UTF_8),
                        "check-config",
                        folder.resolve("none.toml").toString()))
                .isEqualTo(2);
        assertThat(said(err)).startsWith("none.toml: does not exist");
    }
}
