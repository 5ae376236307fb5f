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

/** The command line as a user meets it: what is printed where, and with which exit code. */
class MainTest {

    /** What a run left behind. */
    private record Outcome(int exitCode, String out, String err) {}

    @Test
    void theVersionIsTheBuilds() {
        var outcome = run("--version");
        assertThat(outcome.exitCode).isZero();
        assertThat(outcome.out).matches("teahouse \\d+\\.\\d+\\.\\d+\\S*\n");
        assertThat(outcome.err).isEmpty();
        assertThat(run("relay", "-V")).isEqualTo(outcome);
    }

    @Test
    void helpGoesToStandardOutput() {
        assertThat(run("--help")).isEqualTo(new Outcome(0, """
                iroh's relay system in Java.
                Usage: teahouse [-hV] COMMAND
                  -h, --help      Show this help message and exit.
                  -V, --version   Print version information and exit.
                Commands:
                  relay         Runs a relay until SIGTERM or SIGINT (Ctrl-C).
                  check-config  Says all that is wrong with a relay's configuration; starts nothing.
                  healthcheck   Asks a relay whether it takes clients.
                  report        Asks relays at which addresses they see this machine.
                  admin         Asks a running relay, and tells it what to do.
                  token         Makes and examines the tokens that let endpoints use a relay.
                  key           Makes keys, for endpoints and for signing tokens.

                'teahouse COMMAND --help' tells more about a command.
                """, ""));
    }

    @Test
    void helpOfRelayHasEveryOption() {
        assertThat(run("relay", "--help")).isEqualTo(new Outcome(0, """
                Runs a relay until SIGTERM or SIGINT (Ctrl-C).
                Usage: teahouse relay [-hV] [--dev] [--print-config] [-c=FILE] [--log-level=LEVEL]

                Without a file: plain HTTP on [::]:80, metrics on 127.0.0.1:9090, open to every endpoint.

                  -c, --config-path=FILE   Configuration in TOML, with the keys of iroh's relay. Relative paths in
                                             it start at the working directory.
                      --dev                Plain HTTP only, even when the file has [tls]; port 3340 unless the file
                                             has http_bind_addr.
                  -h, --help               Show this help message and exit.
                      --log-level=LEVEL    off, error, warn, info (the default), debug or trace.
                      --print-config       Prints every key with the value that would be in force, and where it
                                             comes from; starts nothing.
                  -V, --version            Print version information and exit.

                Try it:   teahouse relay --dev

                SIGHUP has it read its configuration again; a second SIGTERM or SIGINT ends it at once.

                TEAHOUSE_LOG    log level, where --log-level is not given
                TEAHOUSE_<KEY>  replaces a key of the file: TEAHOUSE_TLS_CERT_MODE for tls.cert_mode

                Exit code: 0 stopped by a signal, 1 could not end in order, 2 something is to be mended first.
                """, ""));
    }

    @Test
    void withoutACommandThereIsNothingToDo() {
        assertThat(run()).isEqualTo(new Outcome(2, "", """
                teahouse: no command given
                Usage: teahouse [-hV] COMMAND
                'teahouse --help' tells more.
                """));
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearestOne() {
        assertThat(run("relay", "--config", "relay.toml")).isEqualTo(new Outcome(2, "", """
                teahouse relay: unknown option: --config
                    did you mean --config-path?
                Usage: teahouse relay [-hV] [--dev] [--print-config] [-c=FILE] [--log-level=LEVEL]
                'teahouse relay --help' tells more.
                """));
        assertThat(run("relay", "--dve").err).contains("did you mean --dev?");
        assertThat(run("relay", "--something-else").err).doesNotContain("did you mean");
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearestOne() {
        assertThat(run("raley", "--dev")).isEqualTo(new Outcome(2, "", """
                teahouse: unknown argument: raley
                    did you mean relay?
                Usage: teahouse [-hV] COMMAND
                'teahouse --help' tells more.
                """));
    }

    @Test
    void anOptionWithoutItsValueIsRefused() {
        assertThat(run("relay", "-c")).isEqualTo(new Outcome(2, "", """
                teahouse relay: Missing required parameter for option '--config-path' (FILE)
                Usage: teahouse relay [-hV] [--dev] [--print-config] [-c=FILE] [--log-level=LEVEL]
                'teahouse relay --help' tells more.
                """));
    }

    @Test
    void aLogLevelThatDoesNotExistIsRefusedWhereverItComesFrom() {
        String rest = """
                Usage: teahouse relay [-hV] [--dev] [--print-config] [-c=FILE] [--log-level=LEVEL]
                'teahouse relay --help' tells more.
                """;
        assertThat(run("relay", "--log-level", "loud"))
                .isEqualTo(new Outcome(
                        2,
                        "",
                        "teahouse relay: --log-level: \"loud\" (expected: one of off, error, warn, info, debug, trace)\n"
                                + rest));
        assertThat(run(Map.of("TEAHOUSE_LOG", "loud"), "relay"))
                .isEqualTo(new Outcome(
                        2,
                        "",
                        "teahouse relay: TEAHOUSE_LOG: \"loud\" (expected: one of off, error, warn, info, debug, trace)\n"
                                + rest));
    }

    @Test
    void aConfigurationToBeMendedHasExitCode2() {
        assertThat(run("relay", "--config-path", "/nowhere/relay.toml")).isEqualTo(new Outcome(2, "", """
                /nowhere/relay.toml: does not exist, nothing was started
                    check the path (/nowhere/relay.toml), or leave -c out for the built-in settings
                """));
    }

    @Test
    void secretsComeFromTheEnvironmentHoweverTheFileIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("relay.toml"), "access.shared_token = [\"x\"]");
        for (var args : new String[][] {{"relay", "-c", file.toString()}, {"relay", "--config-path=" + file}}) {
            assertThat(run(Map.of("TEAHOUSE_ACCESS_SHARED_TOKEN", ""), args))
                    .isEqualTo(new Outcome(2, "", """
                    %1$s: 1 problem, nothing was started
                    TEAHOUSE_ACCESS_SHARED_TOKEN: access.shared_token: empty (expected: not empty)
                        unset it to have what the file says, or the default
                    """.formatted(file)));
        }
    }

    private static Outcome run(String... args) {
        return run(Map.of(), args);
    }

    private static Outcome run(Map<String, String> environment, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exitCode =
                Main.run(environment, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), args);
        return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }
}
