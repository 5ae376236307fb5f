package io.teahouse.cli;

import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.text.SmallFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A thread that looks again and again whether the contents of a file have changed. It asks the file and not the system's
 * notices of changes: those do not come for links that are turned elsewhere, nor from other machines.
 */
final class AccessFileWatch implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Supplier<Optional<Path>> file;
    private final Runnable changed;
    private Optional<Path> lastFile;
    private String last;

    private AccessFileWatch(Supplier<Optional<Path>> file, Runnable changed) {
        this.file = file;
        this.changed = changed;
        lastFile = file.get();
        last = contents();
    }

    /**
     * Begins to watch.
     *
     * @param file    says which one is in force; asked each time
     * @param changed told once of each change, whether what is there now is of use or not
     */
    static AccessFileWatch start(Duration interval, Supplier<Optional<Path>> file, Runnable changed) {
        var watch = new AccessFileWatch(file, changed);
        Thread.ofPlatform().daemon().name("teahouse-access-file").start(() -> watch.run(interval));
        return watch;
    }

    private void run(Duration interval) {
        try {
            while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                look();
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it but to end it.
        }
    }

    private void look() {
        boolean isAnother = !file.get().equals(lastFile); // what is in it was read when it was named
        lastFile = file.get();
        String now = contents();
        if (!now.equals(last)) {
            last = now;
            if (!isAnother) {
                changed.run();
            }
        }
    }

    /** What is in it, or why that cannot be read: it is the change that counts. */
    private String contents() {
        if (lastFile.isEmpty()) {
            return "";
        }
        try {
            return SmallFile.read(lastFile.get(), RelayFile.ACCESS_FILE_BYTES_MAX);
        } catch (SmallFile.UnreadableException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
