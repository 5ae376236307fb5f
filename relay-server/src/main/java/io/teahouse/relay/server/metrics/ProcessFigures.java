package io.teahouse.relay.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the metrics show of the process, as far as the system tells it. Read when it is asked for, and not before. */
public final class ProcessFigures {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]{1,12}) kB$");
    private static final double NANOS = 1e9;

    private ProcessFigures() {}

    /**
     * {@return all that this system tells}
     */
    public static List<Figure> all() {
        var figures = new ArrayList<Figure>();
        if (Files.isReadable(STATUS)) {
            figures.add(Figure.gauge(
                    "process_resident_memory_bytes", "Resident memory of the process.", ProcessFigures::residentBytes));
            figures.add(Figure.gauge("process_open_files", "Open files of the process.", ProcessFigures::openFiles));
        }
        figures.add(Figure.gauge(
                "process_heap_bytes",
                "Heap that is in use, garbage included.",
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()));
        figures.add(new Figure(
                Figure.Kind.COUNTER,
                "process_cpu_seconds",
                Optional.empty(),
                "Processor time of the process.",
                ProcessFigures::cpuSeconds));
        return List.copyOf(figures);
    }

    private static long residentBytes() {
        try {
            var found = RESIDENT.matcher(Files.readString(STATUS));
            return found.find() ? Long.parseLong(found.group(1)) * 1024 : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    private static long openFiles() {
        try {
            // Newer kernels tell it as the size of the directory; to list it takes time when there are many.
            long size = Files.size(OPEN_FILES);
            if (size > 0) {
                return size;
            }
            try (var open = Files.list(OPEN_FILES)) {
                return open.count();
            }
        } catch (IOException _) {
            return 0;
        }
    }

    private static double cpuSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / NANOS;
    }
}
