package io.teahouse.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A program that runs beside a test. The lines that it prints are kept: they can be waited for, and every failure tells
 * them.
 *
 * <p>Safe for use by several threads. The program is dead when {@link #close} returns, with all that it started.
 */
final class Program implements AutoCloseable {
    /** How long anything may take that is expected to happen: longer than the drivers allow themselves. */
    static final Duration DEADLINE = Duration.ofSeconds(75);

    private static final Duration TIME_TO_DIE = Duration.ofSeconds(10);

    private final String name;
    private final List<String> command;
    private final Process process;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> lines = new ArrayList<>(); // guarded by lock
    private boolean outputEnded; // guarded by lock

    private Program(String name, List<String> command, Process process) {
        this.name = name;
        this.command = command;
        this.process = process;
    }

    /**
     * Starts a program.
     *
     * @param name    what failures call it
     * @param builder the command; its two outputs are read as one
     */
    static Program start(String name, ProcessBuilder builder) {
        try {
            var process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            var program = new Program(name, List.copyOf(builder.command()), process);
            Thread.ofVirtual().name("output of " + name).start(program::keepLines);
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be started: %s".formatted(name, builder.command()), e);
        }
    }

    private void keepLines() {
        try (var reader = process.inputReader()) {
            reader.lines().forEach(line -> change(() -> lines.add(line)));
        } catch (IOException | UncheckedIOException e) {
            change(() -> lines.add("(output lost: %s)".formatted(e)));
        } finally {
            change(() -> outputEnded = true);
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a line until {@link #DEADLINE}, past ones included.
     *
     * @param what   what it is, for the failure
     * @param reader takes what is wanted from the line that has it
     * @return what was taken from the first such line
     * @throws AssertionError when the program ends without it, or the deadline passes
     */
    <T> T await(String what, Function<String, Optional<T>> reader) throws InterruptedException {
        return await(what, DEADLINE, reader);
    }

    /**
     * Waits for a line, past ones included.
     *
     * @param what     what it is, for the failure
     * @param deadline how long it may take from now
     * @param reader   takes what is wanted from the line that has it
     * @return what was taken from the first such line
     * @throws AssertionError when the program ends without it, or the deadline passes
     */
    <T> T await(String what, Duration deadline, Function<String, Optional<T>> reader) throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = deadline.toNanos();
            for (int next = 0; true; next++) {
                while (next == lines.size()) {
                    if (outputEnded) {
                        throw failure("ended without: " + what);
                    }
                    if (leftNanos <= 0) {
                        throw failure("not within %s s: %s".formatted(deadline.toMillis() / 1000.0, what));
                    }
                    leftNanos = changed.awaitNanos(leftNanos);
                }
                var found = reader.apply(lines.get(next));
                if (found.isPresent()) {
                    return found.get();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return all lines so far}
     */
    List<String> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return the program's exit status, once it has ended and all that it printed is there}
     *
     * @throws AssertionError when it does not end
     */
    int awaitExit() throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = DEADLINE.toNanos();
            while (!outputEnded) {
                if (leftNanos <= 0) {
                    throw failure("still runs after %d s".formatted(DEADLINE.toSeconds()));
                }
                leftNanos = changed.awaitNanos(leftNanos);
            }
        } finally {
            lock.unlock();
        }
        if (!process.waitFor(TIME_TO_DIE)) {
            throw failure("still runs, without an output");
        }
        return process.exitValue();
    }

    /**
     * {@return whether the program has ended}
     */
    boolean hasEnded() {
        return !process.isAlive();
    }

    /** Asks the program to end, as a signal of the operating system does. */
    void terminate() {
        process.toHandle().destroy(); // destroy() of the process would close its output, too
    }

    /**
     * {@return a failure that tells all that the program printed}
     *
     * @param complaint what is wrong with it
     */
    AssertionError failure(String complaint) {
        return new AssertionError("%s: %s%n  command: %s%n  output:%n    %s"
                .formatted(name, complaint, String.join(" ", command), String.join("\n    ", lines())));
    }

    /** Kills the program and its children, and waits until it is gone. */
    @Override
    public void close() {
        // First the program: it could start again what is killed.
        var started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        try {
            if (!process.waitFor(TIME_TO_DIE)) {
                throw failure("cannot be killed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
