package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Starts relays that cannot start, and finds nothing of them afterwards. Alone, so that the threads it sees are its own. */
@Isolated
@ExtendWith(LogWatch.class)
@EveryTransport
class FailedStartTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(LOOPBACK, 0);

    @TempDir
    Path directory;

    @BeforeEach
    @AfterEach
    void noRelayRuns() throws IOException {
        Await.until(
                "no thread of a relay is there: " + relayThreads(),
                () -> relayThreads().isEmpty());
    }

    private static List<String> relayThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("teahouse-"))
                .toList();
    }

    @Test
    void afterAnOrderlyEndNoThreadIsLeft() throws IOException {
        for (var builder : List.of(
                RelayServer.builder().eventLoops(3).metrics(FREE_PORT),
                RelayServer.builder().eventLoops(2).tls(TestTls.server()))) {
            try (var relay = builder.start()) {
                ScriptedClient.admitted(relay, ScriptedClient.newKey()).close();
                assertThat(relayThreads()).isNotEmpty();
            }
        }
    }

    @Test
    void anAddressThatIsTakenIsNamedWhicheverListenerWantedIt() throws IOException {
        try (var taken = new ServerSocket(0, 1, LOOPBACK)) {
            var address = new InetSocketAddress(LOOPBACK, taken.getLocalPort());
            var tls = TestTls.server();
            var tlsOnTaken = new RelayServerConfig.Tls(address, tls.certificate());
            for (var builder : List.of(
                    RelayServer.builder().http(address),
                    RelayServer.builder().metrics(address),
                    RelayServer.builder().http(address).tls(tls),
                    RelayServer.builder().tls(tlsOnTaken),
                    RelayServer.builder().metrics(FREE_PORT).tls(tlsOnTaken))) {
                assertThatThrownBy(builder::start)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("Failed to bind server socket to 127.0.0.1:" + taken.getLocalPort())
                        .hasCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aHostThatIsUnknownIsNamed() {
        var unknown = InetSocketAddress.createUnresolved("relay.invalid", 0);

        assertThatThrownBy(() -> RelayServer.builder().http(unknown).start())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("Failed to bind server socket to ")
                .hasMessageContaining("relay.invalid");
    }

    @Test
    void anAddressOfAnotherMachineIsNamedWithItsBrackets() {
        var elsewhere = new InetSocketAddress("2001:db8::1", 0);

        assertThatThrownBy(() -> RelayServer.builder().http(elsewhere).start())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("Failed to bind server socket to [2001:db8:0:0:0:0:0:1]:0");
    }

    @Test
    void aCertificateThatCannotBeUsedIsNamedWithWhatIsWrong() throws IOException {
        var certificate = TestTls.certificateFile();
        var key = TestTls.keyFile();
        var missing = directory.resolve("missing.pem");
        var empty = Files.createFile(directory.resolve("empty.pem"));
        var garbled = Files.writeString(
                directory.resolve("garbled.pem"), Files.readString(certificate).replace("MII", "AAA"));
        var otherKey =
                TestCertificateAuthority.create().issue(directory, "localhost").privateKey();

        expectProblem(missing, key, "failed to read certificates from " + missing + ": no such file");
        expectProblem(certificate, missing, "failed to read secret key from " + missing + ": no such file");
        expectProblem(empty, key, "failed to read certificates from " + empty + ": ");
        expectProblem(certificate, empty, "failed to read secret key from " + empty + ": no private key in it");
        expectProblem(garbled, key, "failed to read certificates from " + garbled + ": ");
        expectProblem(certificate, certificate, "failed to read secret key from " + certificate + ": ");
        expectProblem(key, key, "failed to read certificates from " + key + ": ");
        expectProblem(certificate, directory, "failed to read secret key from " + directory + ": ");
        expectProblem(
                certificate,
                otherKey,
                "tls config: the key in %s does not belong to the first certificate in %s"
                        .formatted(otherKey, certificate));
    }

    private static void expectProblem(Path certificate, Path key, String message) {
        var builder =
                RelayServer.builder().metrics(FREE_PORT).tls(new RelayServerConfig.Tls(FREE_PORT, certificate, key));

        assertThatThrownBy(builder::start).isInstanceOf(IOException.class).hasMessageStartingWith(message);
        assertThat(relayThreads()).isEmpty();
    }
}
