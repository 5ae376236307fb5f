package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two real endpoints have the same key, as when a program is started twice by mistake. */
class SameKeyTest {
    private static final String KEY = "7ea0".repeat(16);

    @RegisterExtension
    final RelayUnderTest relay = RelayUnderTest.http();

    @ParameterizedTest
    @EnumSource
    void theLaterIsReachedAndAfterItsEndTheEarlierAgain(Peer peer) throws Exception {
        try (var earlier = listen(peer);
                var later = listen(peer)) {
            assertThat(later.id()).isEqualTo(earlier.id());

            reach(peer, later);
            assertThat(earlier.events("connected")).isEmpty();

            later.leave();
            reach(peer, earlier);
            assertThat(later.events("connected")).hasSize(1);
        }
    }

    private PeerProcess listen(Peer peer) throws InterruptedException {
        return PeerProcess.listen(peer, relay, "--relay-only", "--secret-hex", KEY)
                .awaitOnline();
    }

    private void reach(Peer peer, PeerProcess listener) throws InterruptedException {
        try (var dialler = PeerProcess.connect(peer, relay, listener.id(), "--relay-only", "--expect", "relay")) {
            dialler.awaitSuccess();
            assertThat(listener.await("connected").text("remote")).isEqualTo(dialler.id());
        }
    }
}
