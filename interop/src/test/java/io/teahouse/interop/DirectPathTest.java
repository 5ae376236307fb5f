package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two real endpoints that may send UDP: they meet on the relay, and leave it. */
class DirectPathTest {
    @RegisterExtension
    static final RelayUnderTest http = RelayUnderTest.http();

    @RegisterExtension
    static final RelayUnderTest https = RelayUnderTest.https();

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void endpointsThatMetOverHttpFindADirectPath(Pair pair) throws Exception {
        meet(pair, http);
    }

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void endpointsThatMetOverHttpsFindADirectPath(Pair pair) throws Exception {
        meet(pair, https);
    }

    private static void meet(Pair pair, RelayUnderTest relay) throws Exception {
        try (var listener = PeerProcess.listen(pair.listener(), relay, "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        pair.dialler(),
                        relay,
                        listener.id(),
                        "--wait-direct",
                        "20",
                        "--expect",
                        "direct",
                        "--bytes",
                        "1000000",
                        "--datagrams",
                        "50")) {

            dialler.awaitSuccess();
            listener.awaitSuccess();

            // The dialler knew nothing but the relay: the way to the other's address led over it.
            assertThat(dialler.await("paths").fields().toString()).contains("\"kind\":\"relay\"");
            assertThat(dialler.await("round").text("path")).isEqualTo("direct");
        }
    }
}
