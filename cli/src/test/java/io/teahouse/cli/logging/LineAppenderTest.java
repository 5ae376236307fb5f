package io.teahouse.cli.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LineAppenderTest {
    private static final Logger LOGGER = new LoggerContext().getLogger("io.teahouse.Something");

    @Test
    void aLineHasTimeLevelAndEvent() {
        assertThat(line(Level.INFO, "2026-08-01T12:34:56Z", "relay: listening", null))
                .isEqualTo("2026-08-01T12:34:56.000Z INFO  relay: listening\n");
        assertThat(line(Level.ERROR, "2026-08-01T12:34:56.789Z", "relay: gone", null))
                .isEqualTo("2026-08-01T12:34:56.789Z ERROR relay: gone\n");
    }

    @Test
    void anEventIsOneLineWhateverAPeerPutIntoIt() {
        assertThat(line(Level.WARN, "2026-08-01T12:34:56Z", "a\r\nb\u001b[31m\u009b\u0000é", null))
                .isEqualTo("2026-08-01T12:34:56.000Z WARN  a\\u000d\\u000ab\\u001b[31m\\u009b\\u0000é\n");
    }

    @Test
    void anExceptionFollowsWithItsStack() {
        assertThat(line(Level.WARN, "2026-08-01T12:34:56Z", "a", new IllegalStateException("because")))
                .startsWith("2026-08-01T12:34:56.000Z WARN  a\njava.lang.IllegalStateException: because\n\tat ");
    }

    private static String line(Level level, String time, String message, @Nullable Throwable cause) {
        var bytes = new ByteArrayOutputStream();
        var appender = new LineAppender(new PrintStream(bytes, false, UTF_8));
        var event = new LoggingEvent("", LOGGER, level, message, cause, null);
        event.setInstant(Instant.parse(time));
        appender.append(event);
        return bytes.toString(UTF_8);
    }
}
