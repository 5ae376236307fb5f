package io.teahouse.relay.server.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * How many files this process may have open, and how many connections may therefore be. Some are kept back: a process that has
 * none left cannot even load a class of its own, and would fail those whom it serves already.
 *
 * <p>The JVM raises the limit at its start as far as it may. Safe for use by many threads.
 */
public final class OpenFiles {
    /** Kept back beside those that are open at the start: for jars, certificates, the configuration, callouts. */
    private static final int RESERVED = 32;

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path OPEN = Path.of("/proc/self/fd");
    private static final Pattern SOFT_LIMIT = Pattern.compile("(?m)^Max open files +([0-9]{1,18}) ");

    private final long maxConnections;
    private final AtomicInteger connections = new AtomicInteger();

    private OpenFiles(long maxConnections) {
        this.maxConnections = maxConnections;
    }

    /**
     * {@return the limit of this process, where the system tells it}
     */
    public static OptionalLong limit() {
        try {
            var found = SOFT_LIMIT.matcher(Files.readString(LIMITS));
            return found.find() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
        } catch (IOException _) {
            return OptionalLong.empty(); // not Linux
        }
    }

    /**
     * {@return what there is for connections, beside what is open now}
     */
    public static OpenFiles forConnections() {
        var limit = limit();
        if (limit.isEmpty()) {
            return new OpenFiles(Long.MAX_VALUE);
        }
        try (var open = Files.list(OPEN)) {
            return new OpenFiles(Math.max(1, limit.getAsLong() - open.count() - RESERVED));
        } catch (IOException _) {
            return new OpenFiles(Math.max(1, limit.getAsLong() - RESERVED));
        }
    }

    /**
     * {@return how many connections are open, of all listeners}
     */
    public int connections() {
        return connections.get();
    }

    /**
     * {@return how many there may be}
     */
    public long maxConnections() {
        return maxConnections;
    }

    void onOpened() {
        connections.incrementAndGet();
    }

    void onClosed() {
        connections.decrementAndGet();
    }

    /** Returns whether there is none for another connection. */
    boolean areExhausted() {
        return connections.get() >= maxConnections;
    }
}
