package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The relay is restarted under a connection that has no other way. */
class RelayRestartTest {
    @RegisterExtension
    final RelayUnderTest relay = RelayUnderTest.http();

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void aConnectionOutlivesARestartOfItsRelay(Pair pair) throws Exception {
        try (var listener = PeerProcess.listen(pair.listener(), relay, "--relay-only", "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        pair.dialler(),
                        relay,
                        listener.id(),
                        "--relay-only",
                        "--hold",
                        "50",
                        "--hold-interval",
                        "0.05")) {
            dialler.await("hold");

            relay.restart();

            // Every twentieth echo is told: the second one from here began after the restart.
            int echoesBefore = dialler.events("hold").getLast().number("n");
            var echo = dialler.await("hold", event -> event.number("n") > echoesBefore + 20);
            assertThat(echo.text("path")).isEqualTo("relay");
            assertThat(listener.events("connected")).hasSize(1);
            dialler.leave();
            listener.awaitSuccess();
        }
    }
}
