package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.relay.server.RelayServer;
import java.time.Duration;

/**
 * Closes a relay once, whatever ends it: a signal to the process, or its owner's {@link #close}. A process that a
 * signal ends this way has exit code 0, since nothing went wrong.
 */
final class OrderlyEnd implements AutoCloseable {
    /** Within what service managers grant before they kill; the relay needs far less. */
    private static final Duration TIME_MAX = Duration.ofSeconds(20);

    private static final System.Logger LOG = System.getLogger(OrderlyEnd.class.getName());

    private final RelayServer server;
    private final Thread hook = Thread.ofPlatform().name("relay-end").unstarted(this::endProcess);

    private OrderlyEnd(RelayServer server) {
        this.server = server;
    }

    static OrderlyEnd of(RelayServer server) {
        var end = new OrderlyEnd(server);
        Runtime.getRuntime().addShutdownHook(end.hook);
        return end;
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
        LOG.log(INFO, "relay: stopping");
        server.close();
        LOG.log(INFO, "relay: stopped");
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
