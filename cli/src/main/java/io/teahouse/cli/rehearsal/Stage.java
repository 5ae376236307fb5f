package io.teahouse.cli.rehearsal;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A relay in a process of its own, from {@link #open} to {@link #close}. */
final class Stage implements AutoCloseable {
    /** The JVM writes its cache when it ends: that takes its time. */
    private static final Duration END_TIME_MAX = Duration.ofMinutes(2);

    private static final Pattern RELAY_URL = Pattern.compile("relay URL (\\S+)");
    private static final Pattern METRICS_URL = Pattern.compile("metrics on (\\S+)");

    private final Process relay;
    private final List<String> log;

    private Stage(Process relay, List<String> log) {
        this.relay = relay;
        this.log = log;
    }

    /** Starts the relay; returns when it tells its URL, which is the last thing it does at its start. */
    static Stage open(List<String> command) throws IOException {
        var relay = new ProcessBuilder(command).redirectErrorStream(true).start();
        var log = new ArrayList<String>();
        BufferedReader lines = relay.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            log.add(line);
            if (RELAY_URL.matcher(line).find()) {
                // What it says from now on is read so that it never has to wait, and shown.
                Thread.ofVirtual().start(() -> lines.lines().forEach(System.out::println));
                return new Stage(relay, log);
            }
        }
        throw new IllegalStateException("relay: ended, it said: " + String.join("\n", log));
    }

    URI relayUrl() {
        return find(RELAY_URL);
    }

    URI metricsUrl() {
        return find(METRICS_URL);
    }

    /** Ends the relay with SIGTERM. */
    @Override
    public void close() {
        relay.toHandle().destroy(); // Process.destroy would close the stream that is being read
        try {
            if (!relay.waitFor(END_TIME_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("relay: has not ended within " + END_TIME_MAX);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("relay: nobody waits for its end");
        } finally {
            relay.destroyForcibly();
        }
        if (relay.exitValue() != 0) {
            throw new IllegalStateException("relay: exit code %d (expected: 0)".formatted(relay.exitValue()));
        }
    }

    private URI find(Pattern pattern) {
        return log.stream()
                .map(pattern::matcher)
                .filter(java.util.regex.Matcher::find)
                .map(matcher -> URI.create(matcher.group(1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("log: no %s in it".formatted(pattern)));
    }
}
