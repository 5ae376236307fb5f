package io.teahouse.relay.server.tls;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A thread that looks after the certificate again and again. It asks the files and not the system's notices of changes: those
 * do not come for links that are turned elsewhere, nor from other machines.
 *
 * <p>A thread of its own, though it rarely runs: where files come over a network a look may take long, which must hold up
 * nobody else.
 */
final class CertificateWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CertificateWatch.class.getName());

    /** How long a look that hangs can delay the end: 1 s. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** Looks for the first time when the interval is over. */
    CertificateWatch(Duration interval, Runnable look) {
        thread = Thread.ofPlatform().daemon().name("teahouse-certificates").start(() -> run(interval, look));
    }

    private void run(Duration interval, Runnable look) {
        try {
            while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    look.run();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "tls: the certificate could not be looked after", e);
                }
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it but to end it.
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            // Whoever waits for the end wants it now; the thread sees it by itself.
            Thread.currentThread().interrupt();
        }
    }
}
