package io.teahouse.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.cli.Main;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A relay that runs in this process as it would on a command line, from {@link #open} to {@link #close}. */
final class Stage implements AutoCloseable {
    private static final Duration TIME_MAX = Duration.ofSeconds(30);
    private static final Pattern RELAY_URL = Pattern.compile("relay URL (\\S+)");
    private static final Pattern METRICS_URL = Pattern.compile("metrics on (\\S+)");

    private final AtomicInteger exitCode = new AtomicInteger(-1);
    private final CountDownLatch isReady = new CountDownLatch(1);
    private final StringBuffer log = new StringBuffer();
    private final Thread relay;

    private Stage(Path config) {
        relay = new Thread(() -> run(config), "rehearsal");
    }

    static Stage open(Path config) throws InterruptedException {
        var stage = new Stage(config);
        stage.relay.start();
        if (!stage.isReady.await(TIME_MAX.toSeconds(), TimeUnit.SECONDS) || !stage.relay.isAlive()) {
            throw new IllegalStateException("relay: not ready, it says: " + stage.log);
        }
        return stage;
    }

    URI relayUrl() {
        return find(RELAY_URL);
    }

    URI metricsUrl() {
        return find(METRICS_URL);
    }

    @Override
    public void close() throws InterruptedException {
        relay.interrupt();
        if (!relay.join(TIME_MAX) || exitCode.get() != 0) {
            throw new IllegalStateException("relay: exit code %d, it says: %s".formatted(exitCode.get(), log));
        }
    }

    private void run(Path config) {
        var lines = new PrintStream(new LogTap(), true, UTF_8);
        exitCode.set(Main.run(Map.of(), System.out, lines, "relay", "-c", config.toString()));
        isReady.countDown();
    }

    private URI find(Pattern pattern) {
        Matcher matcher = pattern.matcher(log);
        if (!matcher.find()) {
            throw new IllegalStateException("log: %s (expected: %s in it)".formatted(log, pattern));
        }
        return URI.create(matcher.group(1));
    }

    /** Keeps what the relay logs, and notices when it is ready: the relay URL is the last thing it tells. */
    private final class LogTap extends OutputStream {
        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            log.append(new String(bytes, offset, length, UTF_8));
            if (RELAY_URL.matcher(log).find() && log.charAt(log.length() - 1) == '\n') {
                isReady.countDown();
            }
        }
    }
}
