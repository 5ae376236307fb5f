package io.teahouse.cli.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The log as programs read it. */
class JsonAppenderTest {
    private static List<String> logged(Runnable events) {
        var out = new ByteArrayOutputStream();
        Logging.start(LogLevel.INFO, LogFormat.JSON, new PrintStream(out, true, UTF_8));
        events.run();
        return out.toString(UTF_8).lines().toList();
    }

    @Test
    void anEventIsAnObjectInALineOfItsOwn() {
        var log = System.getLogger("io.teahouse.test");
        var lines = logged(() -> {
            log.log(System.Logger.Level.WARNING, "relay: said \"so\"\nand more");
            log.log(System.Logger.Level.INFO, "relay: second");
        });
        assertThat(lines)
                .satisfiesExactly(
                        line -> assertThat(line)
                                .matches(
                                        "\\{\"timestamp\":[0-9]{13},\"level\":\"WARN\",\"loggerName\":\"io.teahouse.test\","
                                                + "\"formattedMessage\":\"relay: said \\\\\"so\\\\\"\\\\nand more\".*\\}"),
                        line -> assertThat(line).contains("\"formattedMessage\":\"relay: second\""));
    }

    @Test
    void anExceptionStaysInTheLine() {
        var log = System.getLogger("io.teahouse.test");
        var lines = logged(
                () -> log.log(System.Logger.Level.ERROR, "failed", new IllegalStateException("thrown by a test")));
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("\"throwable\":{").contains("thrown by a test");
    }

    @Test
    void formatsAreNamedInEitherCase() {
        assertThat(LogFormat.parse("Json")).hasValue(LogFormat.JSON);
        assertThat(LogFormat.parse("TEXT")).hasValue(LogFormat.TEXT);
        assertThat(LogFormat.parse("xml")).isEmpty();
        assertThat(LogFormat.parse("")).isEmpty();
    }
}
