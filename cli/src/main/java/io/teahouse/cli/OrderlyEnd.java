package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.relay.server.RelayServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Takes leave of a relay's clients and closes it once, whatever ends it: a signal to the process, or its owner's {@link
 * #close}. A process that a signal ends this way has exit code 0, since nothing went wrong; a second signal ends it at once,
 * with exit code 1.
 *
 * <p>Made before the relay is started, so that there is no moment at which a signal would find nobody; the relay is
 * entrusted to it as soon as it runs.
 */
final class OrderlyEnd implements AutoCloseable {
    /** What the end may take beside the leave-taking; the relay needs far less. */
    private static final Duration TIME_MAX = Duration.ofSeconds(20);

    private static final System.Logger LOG = System.getLogger(OrderlyEnd.class.getName());

    private final Thread hook = Thread.ofPlatform().name("relay-end").unstarted(this::endProcess);
    private final Duration drain;
    private final ServiceManager serviceManager;
    private volatile Optional<RelayServer> server = Optional.empty();

    private OrderlyEnd(Duration drain, ServiceManager serviceManager) {
        this.serviceManager = serviceManager;
        this.drain = drain;
    }

    /** Prepares for the end of a relay that takes leave of its clients over this time at most. */
    static OrderlyEnd prepare(Duration drain, ServiceManager serviceManager) {
        var end = new OrderlyEnd(drain, serviceManager);
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
            int clients = running.connectedEndpoints();
            LOG.log(
                    INFO,
                    switch (clients) {
                        case 0 -> "relay: stopping";
                        case 1 -> "relay: stopping, 1 client is sent away";
                        default -> "relay: stopping, %d clients are sent away".formatted(clients);
                    });
            serviceManager.stopping(TIME_MAX.plus(drain).toSeconds());
            try {
                running.drain(drain);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            running.close();
            LOG.log(INFO, "relay: stopped");
        });
    }

    /** Runs on the thread of the hook. Ends the process itself: after a signal the JVM's own exit code is not 0. */
    private void endProcess() {
        for (String signal : List.of("TERM", "INT")) {
            // The JVM would do nothing: it is ending already.
            var _ = Signals.on(signal, () -> {
                LOG.log(WARNING, "relay: SIG" + signal + " once more, ending at once");
                Runtime.getRuntime().halt(1);
            });
        }
        var timeMax = TIME_MAX.plus(drain);
        var stopping = Thread.ofPlatform().daemon().start(this::stop);
        boolean isStopped = false;
        try {
            isStopped = stopping.join(timeMax);
        } catch (InterruptedException _) {
            // Nobody knows this thread; were it interrupted all the same, the process ends now.
        }
        if (!isStopped) {
            LOG.log(WARNING, "relay: not stopped within %d s, ending anyway".formatted(timeMax.toSeconds()));
        }
        Runtime.getRuntime().halt(isStopped ? 0 : 1);
    }
}
