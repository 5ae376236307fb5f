package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails tests of relays that log a warning or worse, be it that a buffer was lost or that a connection failed: nothing that
 * a client does is worth one.
 *
 * <p>Tests that run at the same time share a log, so the class that fails need not be the one that caused it; the record says
 * what did. Safe for use by many threads.
 */
final class LogWatch implements BeforeAllCallback, AfterAllCallback {
    /**
     * What access controls and services in tests do on purpose, what is said where the native libraries are left out, and what of
     * certificates that are bad or old; what proxies say that are set up badly.
     */
    private static final List<String> ON_PURPOSE = List.of(
            "access control: failed",
            "access callout: ",
            "tls: BoringSSL does not load here",
            "tls: certificate not replaced: ",
            "tls: the certificate could not be looked after",
            "tls: renew the certificate: ",
            "listener: a connection is refused",
            "proxy: ");

    private static final Queue<String> UNEXPECTED = new ConcurrentLinkedQueue<>();

    /** The logging framework forgets loggers and what is set there, unless somebody keeps hold of them. */
    private static final Logger ROOT = watched();

    private static Logger watched() {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            handler.setFilter(record -> !isOnPurpose(record));
        }
        root.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getLevel().intValue() >= Level.WARNING.intValue()
                        && isOurs(record)
                        && !isOnPurpose(record)) {
                    UNEXPECTED.add(text(record));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        return root;
    }

    private static boolean isOurs(LogRecord record) {
        var name = String.valueOf(record.getLoggerName());
        return name.startsWith("io.teahouse") || name.startsWith("io.netty");
    }

    private static boolean isOnPurpose(LogRecord record) {
        return record.getMessage() != null && ON_PURPOSE.stream().anyMatch(record.getMessage()::startsWith);
    }

    private static String text(LogRecord record) {
        var text = new StringWriter();
        text.append(record.getLevel() + " " + record.getLoggerName() + ": " + record.getMessage());
        if (record.getThrown() != null) {
            record.getThrown().printStackTrace(new PrintWriter(text, true));
        }
        return text.toString();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        begin();
    }

    /** Watches from now on, if nobody has begun before. */
    static void begin() {
        assertThat(ROOT.getHandlers()).isNotEmpty();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertNothingUnexpected();
    }

    /** Fails if anything was logged that should not have been, lost buffers included. */
    static void assertNothingUnexpected() {
        // Lost buffers are found when their memory is, and reported when the next one is made.
        System.gc();
        for (int i = 0; i < 10; i++) {
            ByteBufAllocator.DEFAULT.directBuffer(64).release();
        }
        var unexpected = new ArrayList<String>();
        for (String text; (text = UNEXPECTED.poll()) != null; ) {
            unexpected.add(text);
        }
        assertThat(unexpected).isEmpty();
    }
}
