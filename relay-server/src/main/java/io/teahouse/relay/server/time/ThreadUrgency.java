package io.teahouse.relay.server.time;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Tells Linux which threads cannot wait for a processor, and which can (sched(7)).
 *
 * <p>A thread that forwards runs for a few microseconds at a time. When handshakes keep all processors busy, it would still wait
 * for the end of somebody's time slice, some milliseconds, before each of these moments. It needs no more time than others, only
 * sooner: a short slice of its own puts it first (EEVDF, from Linux 6.12 on), and threads that shake hands can be nicer, which
 * counts among the threads of one service or container. Where it cannot be had (another system, a program that does not allow
 * native access) all threads stay as they are.
 */
public final class ThreadUrgency {
    /** As short as Linux has slices: 100 us. */
    private static final long SHORTEST_SLICE_NANOS = 100_000;

    /** The size of {@code struct sched_attr} in its first version, which every kernel takes, and where things are in it. */
    private static final int ATTRIBUTES_SIZE = 48;

    private static final int NICE_OFFSET = 16;
    private static final int SLICE_OFFSET = 24;

    private static final int THIS_THREAD = 0;

    /** Of {@code sched_setattr} and {@code sched_getattr}, which not every C library has by name. */
    private record Numbers(long set, long get) {}

    private static final Map<String, Numbers> NUMBERS =
            Map.of("amd64", new Numbers(314, 315), "aarch64", new Numbers(274, 275));

    /** The two calls, looked for when they are needed first. */
    private static final class Calls {
        static final Optional<Calls> FOUND = find();

        private final Numbers numbers;
        private final MethodHandle get;
        private final MethodHandle set;

        @SuppressWarnings("restricted")
        private Calls(Numbers numbers, Linker linker, MemorySegment syscall) {
            this.numbers = numbers;
            this.get = linker.downcallHandle(
                    syscall,
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(1));
            this.set = linker.downcallHandle(
                    syscall,
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.firstVariadicArg(1));
        }

        private static Optional<Calls> find() {
            var numbers = Optional.ofNullable(NUMBERS.get(System.getProperty("os.arch")))
                    .filter(_ -> System.getProperty("os.name").equals("Linux"));
            if (numbers.isEmpty() || !ThreadUrgency.class.getModule().isNativeAccessEnabled()) {
                return Optional.empty();
            }
            var linker = Linker.nativeLinker();
            return linker.defaultLookup().find("syscall").map(address -> new Calls(numbers.get(), linker, address));
        }

        /** Reads what the calling thread is like; returns whether the system says it. */
        boolean get(MemorySegment attributes) {
            try {
                return (long) get.invokeExact(numbers.get(), THIS_THREAD, attributes, ATTRIBUTES_SIZE, 0) == 0;
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        boolean set(MemorySegment attributes) {
            try {
                return (long) set.invokeExact(numbers.set(), THIS_THREAD, attributes, 0) == 0;
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        private static RuntimeException unexpected(Throwable e) {
            if (e instanceof Error error) {
                throw error;
            }
            return new IllegalStateException("a native function throws nothing", e);
        }
    }

    private ThreadUrgency() {}

    /**
     * Lets the calling thread go first when it has something to do, for a moment.
     *
     * @return whether the system took it
     */
    public static boolean goFirst() {
        return change(attributes -> attributes.set(JAVA_LONG, SLICE_OFFSET, SHORTEST_SLICE_NANOS));
    }

    /**
     * {@return how nice the calling thread is, -20 to 19, if the system says it}
     */
    public static OptionalInt nice() {
        if (Calls.FOUND.isEmpty()) {
            return OptionalInt.empty();
        }
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocate(ATTRIBUTES_SIZE, Long.BYTES);
            return Calls.FOUND.get().get(attributes)
                    ? OptionalInt.of(attributes.get(JAVA_INT, NICE_OFFSET))
                    : OptionalInt.empty();
        }
    }

    /**
     * Makes the calling thread more or less nice: the nicer, the more go before it.
     *
     * @param nice -20 to 19; less than it is takes a privilege, or a limit that allows it (RLIMIT_NICE)
     * @return whether the system took it
     */
    public static boolean setNice(int nice) {
        return change(attributes -> attributes.set(JAVA_INT, NICE_OFFSET, nice));
    }

    private static boolean change(Consumer<MemorySegment> change) {
        if (Calls.FOUND.isEmpty()) {
            return false;
        }
        var calls = Calls.FOUND.get();
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocate(ATTRIBUTES_SIZE, Long.BYTES);
            if (!calls.get(attributes)) {
                return false;
            }
            change.accept(attributes);
            return calls.set(attributes);
        }
    }
}
