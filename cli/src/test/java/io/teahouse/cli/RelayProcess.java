package io.teahouse.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.OS;

/** A relay in a process of its own. */
final class RelayProcess {
    private RelayProcess() {}

    /** Starts the program as a process of its own, which does not outlive the test by much. */
    static Process start(Path config, String... prefix) throws IOException {
        var command = new ArrayList<>(List.of(prefix));
        if (OS.current() == OS.LINUX) {
            // These tests may be a script's background job, for which SIGINT is ignored, and the JVM leaves it so.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "relay",
                "--dev",
                "-c",
                config.toString()));
        var process = new ProcessBuilder(command).start();
        process.onExit().orTimeout(50, TimeUnit.SECONDS).exceptionally(_ -> process.destroyForcibly());
        return process;
    }
}
