package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real endpoints behind NATs meet through a relay of ours, each in a network of its own. A small part of what {@code
 * interop/natlab/meet} does; all of it takes minutes.
 */
class NatlabTest {
    /** How natlab says that this machine does not let it have networks. */
    private static final int CANNOT_RUN_HERE = 77;

    private static final long MINUTES_MAX = 3;

    @TempDir
    private Path directory;

    @BeforeAll
    static void needsEndpoints() {
        PeerPackages.root();
    }

    @Test
    void endpointsBehindNatsMeetDirectlyWhereTheyCanAndOnTheRelayElsewhere() throws Exception {
        var results = directory.resolve("results.json");
        var command = new ArrayList<>(List.of(
                PeerPackages.projectRoot().resolve("interop/natlab/meet").toString(),
                "--jobs",
                "2",
                "--json",
                results.toString()));
        for (var name : List.of(
                // Both addresses are learnt from the relay: without address discovery these stay on it.
                "port-restricted x full-cone",
                "port-restricted x port-restricted",
                "symmetric x symmetric",
                "IPv6 only, firewalls")) {
            command.addAll(List.of("--only", name));
        }
        var builder = new ProcessBuilder(command);
        // Java and not the launcher: what is tested is what Maven has built.
        builder.environment().put("TEAHOUSE_CLASS_PATH", System.getProperty("java.class.path"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        var log = Files.createFile(directory.resolve("log")).toFile();
        var process = builder.redirectErrorStream(true).redirectOutput(log).start();
        try {
            assertThat(process.waitFor(MINUTES_MAX, TimeUnit.MINUTES))
                    .as(() -> "ends in time: " + read(log.toPath()))
                    .isTrue();
            if (process.exitValue() == CANNOT_RUN_HERE) {
                skip("networks in namespaces: " + read(log.toPath()));
            }
            assertThat(process.exitValue()).as(() -> read(log.toPath())).isZero();
            assertThat(outcome(results, "port-restricted", "full-cone")).isEqualTo("direct");
            assertThat(outcome(results, "port-restricted", "port-restricted")).isEqualTo("direct");
            assertThat(outcome(results, "symmetric", "symmetric")).isEqualTo("relay");
            assertThat(outcome(results, "v6", "v6")).isEqualTo("direct");
        } finally {
            process.destroy(); // takes its networks with it
        }
    }

    private static String outcome(Path results, String listener, String dialler) throws Exception {
        Optional<JsonObject> found = Optional.empty();
        for (var run : JsonParser.parseString(Files.readString(results))
                .getAsJsonObject()
                .getAsJsonArray("runs")) {
            var object = run.getAsJsonObject();
            if (object.get("a").getAsString().equals(listener)
                    && object.get("b").getAsString().equals(dialler)) {
                found = Optional.of(object);
            }
        }
        return found.orElseThrow().get("outcome").getAsString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "(no output: %s)".formatted(e.getMessage());
        }
    }

    private static void skip(String why) {
        System.err.println("SKIPPED. " + why);
        abort(why);
    }
}
