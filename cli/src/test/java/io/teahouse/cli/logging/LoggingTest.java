package io.teahouse.cli.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoggingTest {
    @ParameterizedTest
    @CsvSource({
        "OFF,   '',               ''",
        "ERROR, 'own-error',      'lib-error'",
        "WARN,  'own-error own-warn', 'lib-error lib-warn'",
        "INFO,  'own-error own-warn own-info', 'lib-error lib-warn'",
        "DEBUG, 'own-error own-warn own-info own-debug', 'lib-error lib-warn'",
        "TRACE, 'own-error own-warn own-info own-debug own-trace', 'lib-error lib-warn lib-info lib-debug'",
    })
    void aLevelGovernsOurLinesAndTheLibraries(LogLevel level, String own, String libraries) {
        var bytes = new ByteArrayOutputStream();
        Logging.start(level, LogFormat.TEXT, new PrintStream(bytes, false, UTF_8));
        logAll("io.teahouse.Something", "own");
        logAll("io.netty.Something", "lib");
        assertThat(bytes.toString(UTF_8).lines().map(line -> line.replaceFirst(".* ", "")))
                .containsExactly(List.of(own, libraries).stream()
                        .filter(words -> !words.isEmpty())
                        .flatMap(words -> List.of(words.split(" ", -1)).stream())
                        .toArray(String[]::new));
    }

    @Test
    void aNewStartTakesTheLinesAlong() {
        var first = new ByteArrayOutputStream();
        var second = new ByteArrayOutputStream();
        Logging.start(LogLevel.INFO, LogFormat.TEXT, new PrintStream(first, false, UTF_8));
        Logging.start(LogLevel.INFO, LogFormat.TEXT, new PrintStream(second, false, UTF_8));
        System.getLogger("io.teahouse.Something").log(System.Logger.Level.INFO, "here");
        assertThat(first.toString(UTF_8)).isEmpty();
        assertThat(second.toString(UTF_8)).endsWith("INFO  here\n");
    }

    @Test
    void levelsAreNamedInEitherCase() {
        assertThat(LogLevel.parse("Debug")).contains(LogLevel.DEBUG);
        assertThat(LogLevel.parse("loud")).isEmpty();
    }

    private static void logAll(String logger, String prefix) {
        var log = System.getLogger(logger);
        log.log(System.Logger.Level.ERROR, prefix + "-error");
        log.log(System.Logger.Level.WARNING, prefix + "-warn");
        log.log(System.Logger.Level.INFO, prefix + "-info");
        log.log(System.Logger.Level.DEBUG, prefix + "-debug");
        log.log(System.Logger.Level.TRACE, prefix + "-trace");
    }
}
