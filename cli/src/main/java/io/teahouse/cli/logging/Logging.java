package io.teahouse.cli.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintStream;
import org.slf4j.LoggerFactory;

/** Sets up the process's logging. To be called before anything logs, which for Netty means before it is loaded. */
public final class Logging {
    private Logging() {}

    /** Tells SLF4J where to find Logback, so that whoever logs first does not make it look through every jar. */
    public static void prepare() {
        System.setProperty("slf4j.provider", LogbackProvider.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN"); // it would announce the provider
    }

    /**
     * Sends log lines to a stream; lines of earlier calls go there no longer.
     *
     * @param level  how much
     * @param format how a line looks
     * @param out    where to
     */
    public static void start(LogLevel level, LogFormat format, PrintStream out) {
        prepare();
        if (isLeftToFile() || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        AppenderBase<ILoggingEvent> lines = switch (format) {
            case TEXT -> new LineAppender(out);
            case JSON -> new JsonAppender(out);
        };
        lines.setContext(context);
        lines.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(lines);
        root.setLevel(level.libraries());
        context.getLogger("io.teahouse").setLevel(level.own());
    }

    static boolean isLeftToFile() {
        return System.getProperty("logback.configurationFile") != null;
    }
}
