package io.teahouse.cli;

import static java.lang.System.Logger.Level.DEBUG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * A thread that gives memory back to the system once many connections have gone: until then the collector keeps the heap and
 * the C library keeps what TLS has freed, as large as they were at the worst moment.
 *
 * <p>It costs all clients one pause of some tens of milliseconds, so it is done for a large crowd only, and seldom
 * ({@link Crowd}).
 */
final class MemoryReturn implements AutoCloseable {
    /** How often the connections are counted. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger(MemoryReturn.class.getName());

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Crowd crowd = new Crowd();
    private final IntSupplier connections;

    private MemoryReturn(IntSupplier connections) {
        this.connections = connections;
    }

    /**
     * Begins to count.
     *
     * @param interval    how often
     * @param connections says how many there are; asked each time
     */
    static MemoryReturn start(Duration interval, IntSupplier connections) {
        var started = new MemoryReturn(connections);
        Thread.ofPlatform().daemon().name("teahouse-memory").start(() -> started.run(interval));
        return started;
    }

    private void run(Duration interval) {
        try {
            while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                if (crowd.hasGone(connections.getAsInt())) {
                    giveBack();
                }
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it but to end it.
        }
    }

    private void giveBack() {
        long start = System.nanoTime();
        // The heap shrinks with a full collection only, and nothing else brings one about while there is room to grow.
        System.gc();
        mallocTrim().ifPresent(MemoryReturn::call); // looked for now: a start need not wait for it
        LOG.log(
                DEBUG,
                () -> "memory: given back after many connections went, in %d ms"
                        .formatted(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
    }

    /** Has the C library give back what it keeps; glibc has that function, others do not keep so much. */
    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> mallocTrim() {
        if (!MemoryReturn.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        var linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("malloc_trim")
                .map(address -> linker.downcallHandle(
                        address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));
    }

    private static void call(MethodHandle trim) {
        try {
            int _ = (int) trim.invokeExact(0L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native function throws nothing", e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /** Says when a crowd has gone, from how many there are again and again. Not thread-safe. */
    static final class Crowd {
        /** Fewer than this are not worth a pause; their memory is some megabytes. */
        static final int WORTH_IT = 500;

        /** How many looks in turn must find it gone: those who come back at once need the memory again. */
        static final int LOOKS = 2;

        /** How many looks there are between two times, at least: a crowd that comes and goes is not to cost more. */
        static final int LOOKS_BETWEEN = 6;

        private int most;
        private int looksThatFoundItGone;
        private int looksSinceLast = LOOKS_BETWEEN;

        /** Returns whether to give memory back now, and if so takes it as done. */
        boolean hasGone(int connections) {
            looksSinceLast = Math.min(looksSinceLast + 1, LOOKS_BETWEEN);
            most = Math.max(most, connections);
            boolean gone = connections <= most / 2 && most - connections >= WORTH_IT;
            looksThatFoundItGone = gone ? looksThatFoundItGone + 1 : 0;
            if (looksThatFoundItGone < LOOKS || looksSinceLast < LOOKS_BETWEEN) {
                return false;
            }
            most = connections;
            looksThatFoundItGone = 0;
            looksSinceLast = 0;
            return true;
        }
    }
}
