package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A relay on {@code [::]} serves IPv4 and IPv6, whatever the machine's default for such sockets is. */
class DualStackTest {
    private static final String NAMESPACE_READY = "namespace ready";

    // A namespace of its own, so that nobody else on the machine notices the setting. Root may make one at once, others
    // only inside a user namespace.
    private static final String OPEN_NAMESPACE = """
            if unshare -n true 2>/dev/null; then exec unshare -n "$@"; else exec unshare -rn "$@"; fi
            """;
    private static final String IN_NAMESPACE = """
            ip link set lo up &&
            echo 1 > /proc/sys/net/ipv6/bindv6only &&
            test "$(cat /proc/sys/net/ipv6/bindv6only)" = 1 &&
            echo "%s" &&
            exec "$@"
            """.formatted(NAMESPACE_READY);

    @BeforeAll
    static void needsIpv6() {
        if (!Files.exists(Path.of("/proc/net/if_inet6"))) {
            skip("this machine has no IPv6");
        }
    }

    @Test
    void aRelayOnEveryAddressIsReachedOverIpv4AndIpv6() throws Exception {
        DualStackProbe.run();
    }

    @Test
    void itIsEvenWhereIpv6SocketsAreForIpv6OnlyByDefault() throws Exception {
        var command = new ArrayList<>(List.of("sh", "-c", OPEN_NAMESPACE, "sh", "sh", "-c", IN_NAMESPACE, "sh"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                DualStackProbe.class.getName()));
        try (var program = Program.start("relay in a network namespace", new ProcessBuilder(command))) {
            int status = program.awaitExit();
            if (!program.lines().contains(NAMESPACE_READY)) {
                skip("this machine does not let tests make a network namespace with settings of its own: "
                        + program.lines());
            }

            if (status != 0) {
                throw program.failure("exit status %d (expected: 0)".formatted(status));
            }
            assertThat(program.lines()).endsWith(DualStackProbe.ARRIVED);
        }
    }

    private static void skip(String why) {
        System.err.println("SKIPPED. " + why);
        abort(why);
    }
}
