package io.teahouse.relay.server.time;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

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

    @FunctionalInterface
    private interface Change {
        void apply(MemorySegment attributes);
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
        var found = new int[1];
        boolean known = change(attributes -> found[0] = attributes.get(JAVA_INT, NICE_OFFSET));
        return known ? OptionalInt.of(found[0]) : OptionalInt.empty();
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

    @SuppressWarnings("restricted")
    private static boolean change(Change change) {
        var numbers = Optional.ofNullable(NUMBERS.get(System.getProperty("os.arch")))
                .filter(_ ->
                        System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux"));
        if (numbers.isEmpty() || !ThreadUrgency.class.getModule().isNativeAccessEnabled()) {
            return false;
        }
        var linker = Linker.nativeLinker();
        var syscall = linker.defaultLookup().find("syscall");
        if (syscall.isEmpty()) {
            return false;
        }
        var get = linker.downcallHandle(
                syscall.get(),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(1));
        var set = linker.downcallHandle(
                syscall.get(),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(1));
        try (var arena = Arena.ofConfined()) {
            return change(numbers.get(), get, set, arena.allocate(ATTRIBUTES_SIZE, Long.BYTES), change);
        }
    }

    private static boolean change(
            Numbers numbers, MethodHandle get, MethodHandle set, MemorySegment attributes, Change change) {
        try {
            if ((long) get.invokeExact(numbers.get(), THIS_THREAD, attributes, ATTRIBUTES_SIZE, 0) != 0) {
                return false;
            }
            change.apply(attributes);
            return (long) set.invokeExact(numbers.set(), THIS_THREAD, attributes, 0) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native function throws nothing", e);
        }
    }
}
