package io.teahouse.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Tinyproxy, which opens tunnels to whoever knows its password. The program is dead when {@link #close} returns. */
final class ForwardProxy implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Program program;
    private final int port;

    private ForwardProxy(Program program, int port) {
        this.program = program;
        this.port = port;
    }

    /**
     * Starts it; without it, the test is skipped.
     *
     * @param folder   for its configuration
     * @param user     whom it knows: letters, digits, {@code -}, {@code .} and {@code _}, since its configuration takes no others
     * @param password of that user, of the same characters
     */
    static ForwardProxy start(Path folder, String user, String password) throws IOException {
        int port = FreePort.find();
        var config = Files.writeString(folder.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                Timeout 600
                LogLevel Connect
                BasicAuth %s %s
                """.formatted(port, user, password));
        var proxy = new ForwardProxy(
                Program.start("tinyproxy", new ProcessBuilder(find().toString(), "-d", "-c", config.toString())), port);
        try {
            proxy.awaitOpen();
            return proxy;
        } catch (RuntimeException | AssertionError e) {
            proxy.close();
            throw e;
        }
    }

    private static Path find() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "tinyproxy"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> {
                    var missing = "MISSING: tinyproxy. Run interop/proxies/install, as root on Debian or Ubuntu.";
                    System.err.println("SKIPPED. " + missing);
                    return abort(missing);
                });
    }

    private void awaitOpen() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1000);
                return;
            } catch (IOException _) {
                if (System.nanoTime() > deadline || program.hasEnded()) {
                    throw program.failure("does not listen on port %d".formatted(port));
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        try (program) {
            program.terminate();
            program.awaitExit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
