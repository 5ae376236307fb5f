package io.teahouse.cli.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A checkout of the project that is as good as empty, with the real scripts, a JDK that only tells how it was called, and
 * a Maven that only makes empty jars. So a start takes milliseconds.
 */
final class Checkout {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    /** What a run left behind. */
    record Outcome(int exitCode, String out, String err) {}

    /** Lays it out below {@code parent}, in a folder with a space in its name. */
    Checkout(Path parent) throws IOException {
        folder = Files.createDirectory(parent.resolve("tea house"));
        write("teahouse", Files.readString(PROJECT.resolve("teahouse")), true);
        write(".ci/jdk.sh", Files.readString(PROJECT.resolve(".ci/jdk.sh")), false);
        write(".ci/machine.sh", Files.readString(PROJECT.resolve(".ci/machine.sh")), false);
        write(".mvn/jvm.config", "", false);
        write("pom.xml", "<project/>", false);
        write("core/pom.xml", "<project/>", false);
        write("core/src/main/java/A.java", "class A {}", false);
        write("core/src/main/java/B.java", "class B {}", false);
        write("core/src/test/java/ATest.java", "class ATest {}", false);

        jdk("jdk", "25.0.9");
        write("tools/mvn", """
                #!/bin/sh
                echo "$@" >>"$CHECKOUT/mvn.log"
                echo "[INFO] Building Teahouse core 0.1.0      [1/1]"
                if [ -e "$CHECKOUT/broken" ]; then
                    echo "[ERROR] /core/A.java:[1,1] nonsense"
                    echo "[ERROR] -> [Help 1]"
                    exit 1
                fi
                for argument; do
                    case $argument in -Dimage.directory=*) image=${argument#*=} ;; esac
                done
                mkdir -p "$image/lib"
                for jar in aaa bcprov-1 netty-tcnative-boringssl-static-1-linux-x86_64 teahouse-cli-1; do
                    : >"$image/lib/$jar.jar"
                done
                """, true);
        environment.put("CHECKOUT", folder.toString());
        environment.put("HOME", folder.toString());
        environment.put("PATH", folder.resolve("tools") + ":/usr/bin:/bin");
        environment.put("TEAHOUSE_JDK", folder.resolve("jdk").toString());
    }

    /** Makes a JDK of that version, whose java prints its arguments and writes the start-up cache if told to. */
    Path jdk(String name, String version) throws IOException {
        write(name + "/release", """
                IMPLEMENTOR="Nobody & Sons"
                JAVA_RUNTIME_VERSION="%1$s+7"
                JAVA_VERSION="%1$s"
                """.formatted(version), false);
        write(name + "/bin/javac", "", true);
        write(name + "/bin/keytool", "#!/bin/sh\n", true);
        write(name + "/bin/java", """
                #!/bin/sh
                for argument; do
                    case $argument in
                    -XX:AOTCacheOutput=*)
                        [ -e "$CHECKOUT/stage fright" ] && exit 1
                        echo cache >"${argument#*=}"
                        exit 0
                        ;;
                    esac
                done
                printf '<%s>' "$@"
                exit "${JAVA_EXIT_CODE:-0}"
                """, true);
        return folder.resolve(name);
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    void write(String name, String content, boolean executable) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        file.toFile().setExecutable(executable);
    }

    Checkout with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Checkout without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** How often Maven was called. */
    int builds() throws IOException {
        Path log = folder.resolve("mvn.log");
        if (!Files.exists(log)) {
            return 0;
        }
        try (var lines = Files.lines(log)) {
            return (int) lines.count();
        }
    }

    Outcome start(String... arguments) throws IOException, InterruptedException {
        return run(folder, folder.resolve("teahouse"), arguments);
    }

    Outcome run(Path workingDirectory, Path program, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        var builder = new ProcessBuilder(Stream.concat(Stream.of(program.toString()), List.of(arguments).stream())
                .toList());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.directory(workingDirectory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        var process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("teahouse: has not ended; it said: " + Files.readString(err));
        }
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
