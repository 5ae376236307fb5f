package io.teahouse.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** QUIC that others wrote, as programs with the options that {@code interop/peers/quic/README.md} describes. */
enum ForeignQuic {
    /** Rust. */
    QUINN {
        @Override
        List<String> command(Path root) {
            return List.of(built(root, "quinn-peer"));
        }
    },
    /** Rust, what iroh is made of. */
    NOQ {
        @Override
        List<String> command(Path root) {
            return List.of(built(root, "noq-peer"));
        }
    },
    /** Go. */
    QUIC_GO {
        @Override
        List<String> command(Path root) {
            return List.of(built(root, "quic-go-peer"));
        }
    },
    /** Python. */
    AIOQUIC {
        @Override
        List<String> command(Path root) {
            return List.of(
                    built(root, "venv/bin/python3"),
                    root.resolve("interop/peers/quic/aioquic_peer.py").toString());
        }
    },
    /** Java. */
    KWIK {
        @Override
        List<String> command(Path root) {
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    KwikPeer.class.getName());
        }
    };

    abstract List<String> command(Path root);

    private static String built(Path root, String name) {
        var program = root.resolve(".peers/quic").resolve(name);
        if (!Files.isExecutable(program)) {
            String missing = "MISSING: %s. interop/peers/install-quic makes it, if its tools are there"
                    .formatted(root.relativize(program));
            System.err.println("SKIPPED. " + missing);
            abort(missing);
        }
        return program.toString();
    }

    private Program start(List<String> arguments) {
        // Also where the packages of others are installed, a run may be to do without foreign software.
        var command = new ArrayList<>(command(PeerPackages.root()));
        command.addAll(arguments);
        return Program.start(name(), new ProcessBuilder(command));
    }

    /** A running server of another's. */
    record Server(Program program, InetSocketAddress address) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
        }
    }

    Server server(Path chain, Path key, String... options) throws InterruptedException {
        var arguments = new ArrayList<>(List.of("server", "--cert", chain.toString(), "--key", key.toString()));
        arguments.addAll(List.of(options));
        var program = start(arguments);
        int port = program.await(
                "port",
                line -> line.startsWith("listening ")
                        ? Optional.of(Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)))
                        : Optional.empty());
        return new Server(program, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    Program client(InetSocketAddress remote, Path authority, String... options) {
        var arguments = new ArrayList<>(
                List.of("client", "--connect", "127.0.0.1:" + remote.getPort(), "--ca", authority.toString()));
        arguments.addAll(List.of(options));
        return start(arguments);
    }
}
