package io.teahouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayOptionsTest {
    @Test
    void plainCommandLinesAreRead() {
        assertThat(RelayOptions.ofPlain("relay")).contains(new RelayOptions(false, Optional.empty(), Optional.empty()));
        assertThat(RelayOptions.ofPlain("relay", "--dev", "-c", "a b.toml", "--log-level", "debug"))
                .contains(new RelayOptions(true, Optional.of(Path.of("a b.toml")), Optional.of("debug")));
        assertThat(RelayOptions.ofPlain("relay", "--config-path", "relay.toml"))
                .contains(new RelayOptions(false, Optional.of(Path.of("relay.toml")), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--version",
                "relay --help",
                "relay -c",
                "relay -c --dev",
                "relay --dev --dev",
                "relay --dev relay.toml",
                "relay --config-path=relay.toml",
                "relay -c @file"
            })
    void allOthersAreLeftToPicocli(String line) {
        assertThat(RelayOptions.ofPlain(line.split(" ", -1))).isEmpty();
    }

    /** The plain reading may understand less than picocli, but nothing differently. */
    @Property(tries = 3000)
    void whatIsReadIsWhatPicocliReads(@ForAll("commandLines") List<String> words) {
        String[] args = words.toArray(String[]::new);
        RelayOptions.ofPlain(args).ifPresent(options -> {
            var parsed = Main.commandLine(Map.of(), System.out, System.err).parseArgs(args);
            var command = (RelayCommand) parsed.subcommand().commandSpec().userObject();
            assertThat(options).isEqualTo(command.options());
        });
    }

    @Provide
    Arbitrary<List<String>> commandLines() {
        return Arbitraries.of(
                        "--dev",
                        "-c",
                        "--config-path",
                        "--log-level",
                        "relay.toml",
                        "debug",
                        "a b",
                        "x=y",
                        "~/x",
                        "\"q\"",
                        "",
                        "@x",
                        "--",
                        "-V",
                        "$HOME",
                        "${sys:user.name}",
                        "a\\b",
                        "a,b",
                        "relay")
                .list()
                .ofMaxSize(6)
                .map(words -> {
                    var line = new java.util.ArrayList<>(words);
                    line.addFirst("relay");
                    return line;
                });
    }
}
