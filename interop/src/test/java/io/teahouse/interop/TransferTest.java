package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two real endpoints that cannot send UDP: everything between them passes through the relay. */
class TransferTest {
    @RegisterExtension
    static final RelayUnderTest http = RelayUnderTest.http();

    @RegisterExtension
    static final RelayUnderTest https = RelayUnderTest.https();

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void streamsAndDatagramsPassUnchangedOverHttp(Pair pair) throws Exception {
        transfer(pair, http);
    }

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void streamsAndDatagramsPassUnchangedOverHttps(Pair pair) throws Exception {
        transfer(pair, https);
    }

    private static void transfer(Pair pair, RelayUnderTest relay) throws Exception {
        // The npm package takes and gives bytes as arrays of numbers: it is slow by itself.
        int bytes = pair.dialler() == Peer.NPM ? 2_000_000 : 20_000_000;
        try (var listener = PeerProcess.listen(pair.listener(), relay, "--relay-only", "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        pair.dialler(),
                        relay,
                        listener.id(),
                        "--relay-only",
                        "--expect",
                        "relay",
                        "--bytes",
                        String.valueOf(bytes),
                        "--datagrams",
                        "50")) {

            dialler.awaitSuccess();
            listener.awaitSuccess();

            assertThat(dialler.await("round").number("bytes")).isEqualTo(bytes);
            assertThat(listener.await("served").number("bytes")).isEqualTo(bytes);
            assertThat(dialler.await("datagrams").number("echoed")).isEqualTo(50);
        }
    }
}
