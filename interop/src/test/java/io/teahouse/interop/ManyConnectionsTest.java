package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several real endpoints dial one at the same time, all through the relay. */
class ManyConnectionsTest {
    private static final List<Peer> DIALLERS =
            List.of(Peer.PYTHON, Peer.NPM, Peer.PYTHON, Peer.NPM, Peer.PYTHON, Peer.NPM);

    @RegisterExtension
    static final RelayUnderTest relay = RelayUnderTest.http();

    @ParameterizedTest
    @EnumSource
    void connectionsAtTheSameTimeDoNotDisturbEachOther(Peer listening) throws Exception {
        var diallers = new ArrayList<PeerProcess>();
        try (var listener = PeerProcess.listen(
                        listening, relay, "--relay-only", "--conns", String.valueOf(DIALLERS.size()))
                .awaitOnline()) {
            for (var dialling : DIALLERS) {
                diallers.add(PeerProcess.connect(
                        dialling,
                        relay,
                        listener.id(),
                        "--relay-only",
                        "--bytes",
                        "500000",
                        "--rounds",
                        "2",
                        "--datagrams",
                        "20",
                        "--hold",
                        "50"));
            }

            // Each has moved its data and holds its connection: all are there at once.
            for (var dialler : diallers) {
                dialler.await("hold");
                assertThat(dialler.events("round"))
                        .hasSize(2)
                        .allSatisfy(round -> assertThat(round.text("path")).isEqualTo("relay"));
            }
            assertThat(listener.events("closed")).isEmpty();
            assertThat(listener.events("connected"))
                    .extracting(connected -> connected.text("remote"))
                    .containsExactlyInAnyOrderElementsOf(ids(diallers));

            for (var dialler : diallers) {
                dialler.leave();
            }
            listener.awaitSuccess();
        } finally {
            diallers.forEach(PeerProcess::close);
        }
    }

    private static List<String> ids(List<PeerProcess> peers) throws InterruptedException {
        var ids = new ArrayList<String>();
        for (var peer : peers) {
            ids.add(peer.id());
        }
        return ids;
    }
}
