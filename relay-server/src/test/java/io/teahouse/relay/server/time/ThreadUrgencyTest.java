package io.teahouse.relay.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Asks the kernel what has become of threads. */
@EnabledOnOs(OS.LINUX)
class ThreadUrgencyTest {
    @Test
    void oneThreadBecomesNicerAndTheRestStaysAsItIs() throws Exception {
        int before = nice();

        int nicer = onAThread(() -> {
            assertThat(ThreadUrgency.nice()).hasValue(before);
            assertThat(ThreadUrgency.setNice(19)).isTrue();
            assertThat(ThreadUrgency.nice()).hasValue(19);
            return nice();
        });

        assertThat(nicer).isEqualTo(19);
        assertThat(nice()).isEqualTo(before);
    }

    @Test
    void whoGoesFirstIsNoLessNice() throws Exception {
        int before = nice();

        int first = onAThread(() -> {
            assertThat(ThreadUrgency.goFirst()).isTrue();
            return nice();
        });

        assertThat(first).isEqualTo(before);
    }

    private static int onAThread(Callable<Integer> work) throws InterruptedException, ExecutionException {
        try (var thread = Executors.newSingleThreadExecutor()) {
            return thread.submit(work).get();
        }
    }

    /** Field 19 of proc(5)'s stat; the name, field 2, may have blanks in it. */
    private static int nice() throws IOException {
        var stat = Files.readString(Path.of("/proc/thread-self/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Integer.parseInt(fields[19 - 3]);
    }
}
