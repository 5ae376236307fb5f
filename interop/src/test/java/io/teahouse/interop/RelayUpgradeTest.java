package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServer;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A new relay takes over from an old one at the same port, under a connection that has no other way. */
class RelayUpgradeTest {
    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void aConnectionOutlivesTheUpgradeOfItsRelay(Pair pair) throws Exception {
        try (var old = RelayServer.builder().reusePort(true).start()) {
            var url = URI.create(old.url());
            try (var listener = PeerProcess.listen(pair.listener(), url, "--relay-only", "--conns", "1")
                            .awaitOnline();
                    var dialler = PeerProcess.connect(
                            pair.dialler(),
                            url,
                            listener.id(),
                            "--relay-only",
                            "--hold",
                            "50",
                            "--hold-interval",
                            "0.05")) {
                dialler.await("hold");

                try (var next = RelayServer.builder()
                        .reusePort(true)
                        .http(old.httpAddress())
                        .start()) {
                    old.drain(Duration.ofSeconds(2));
                    assertThat(old.connectedEndpoints()).isZero();

                    // Every twentieth echo is told: the second one from here began after the old relay had gone.
                    int echoesBefore = dialler.events("hold").getLast().number("n");
                    var echo = dialler.await("hold", event -> event.number("n") > echoesBefore + 20);
                    assertThat(echo.text("path")).isEqualTo("relay");
                    assertThat(listener.events("connected")).hasSize(1);
                    assertThat(next.connectedEndpoints()).isEqualTo(2);
                    dialler.leave();
                    listener.awaitSuccess();
                }
            }
        }
    }
}
