package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.relay.server.RelayServer;
import java.time.Duration;
import java.util.Optional;

/**
 * Closes a relay once, whatever ends it: a signal to the process, or its owner's {@link #close}. A process that a
 * signal ends this way has exit code 0, since nothing went wrong.
 *
 * <p>Made before the relay is started, so that there is no moment at which a signal would find nobody; the relay is
 * entrusted to it as soon as it runs.
 */
final class OrderlyEnd implements AutoCloseable {
    /** Within what service managers grant before they kill; the relay needs far less. */
    private static final Duration TIME_MAX = Duration.ofSeconds(20);

    private static final System.Logger LOG = System.getLogger(OrderlyEnd.class.getName());

    private final Thread hook = Thread.ofPlatform().name("relay-end").unstarted(this::endProcess);
    private volatile Optional<RelayServer> server = Optional.empty();

    private OrderlyEnd() {}

    static OrderlyEnd prepare() {
        var end = new OrderlyEnd();
        Runtime.getRuntime().addShutdownHook(end.hook);
        return end;
    }

    void entrust(RelayServer running) {
        server = Optional.of(running);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            return; // the process is ending: the hook is at work
        }
        stop();
    }

    private void stop() {
        server.ifPresent(running -> {
            LOG.log(INFO, "relay: stopping");
            running.close();
            LOG.log(INFO, "relay: stopped");
        });
    }

    /** Runs on the thread of the hook. Ends the process itself: after a signal the JVM's own exit code is not 0. */
    private void endProcess() {
        var stopping = Thread.ofPlatform().daemon().start(this::stop);
        boolean isStopped = false;
        try {
            isStopped = stopping.join(TIME_MAX);
        } catch (InterruptedException _) {
            // Nobody knows this thread; were it interrupted all the same, the process ends now.
        }
        if (!isStopped) {
            LOG.log(WARNING, "relay: not stopped within %d s, ending anyway".formatted(TIME_MAX.toSeconds()));
        }
        Runtime.getRuntime().halt(isStopped ? 0 : 1);
    }
}
