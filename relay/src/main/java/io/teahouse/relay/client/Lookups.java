package io.teahouse.relay.client;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs look-ups on threads of their own, at most {@link #MAX_THREADS} at a time: a look-up is a call into the C library, which
 * holds its thread, a virtual one's carrier too, for as long as the name servers do not answer.
 */
final class Lookups implements AutoCloseable {
    /** Look-ups that run at the same time. */
    static final int MAX_THREADS = 16;

    /** Look-ups that may wait for their turn; beyond it they fail at once. */
    static final int MAX_WAITING = 4096;

    /** What came out. */
    sealed interface Answer {
        record Found(List<InetAddress> addresses) implements Answer {}

        record Failed(String why) implements Answer {}
    }

    private final HostResolver resolver;
    private final ThreadPoolExecutor threads;

    Lookups(HostResolver resolver) {
        this.resolver = resolver;
        threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                new DefaultThreadFactory("relay-client-lookup", true));
        threads.allowCoreThreadTimeOut(true);
    }

    /** Looks a host up and has the answer handed over by an executor. */
    void start(String host, AddressFamily family, Executor executor, Consumer<Answer> then) {
        try {
            threads.execute(() -> {
                var answer = lookUp(host, family);
                try {
                    executor.execute(() -> then.accept(answer));
                } catch (RejectedExecutionException _) {
                    // The client has been closed; nobody waits any more.
                }
            });
        } catch (RejectedExecutionException _) {
            executor.execute(() -> then.accept(new Answer.Failed("too many look-ups at once")));
        }
    }

    private Answer lookUp(String host, AddressFamily family) {
        try {
            return new Answer.Found(resolver.resolve(host, family));
        } catch (IOException | RuntimeException e) {
            return new Answer.Failed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
