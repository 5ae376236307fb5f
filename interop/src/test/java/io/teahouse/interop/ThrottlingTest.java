package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real endpoints send more than the relay takes from them. */
class ThrottlingTest {
    private static final int BYTES_PER_SECOND = 500_000;
    private static final int BYTES = 500_000;

    /** What a relay reads in one go at most; it is never cut. */
    private static final int MAX_READ = 64 * 1024;

    @RegisterExtension
    static final RelayUnderTest relay = RelayUnderTest.http()
            .with(
                    config -> config.clientReceiveLimit(ReceiveLimit.ofRate(BYTES_PER_SECOND)),
                    "limits.client.rx.bytes_per_second = %d".formatted(BYTES_PER_SECOND));

    @ParameterizedTest
    @MethodSource("io.teahouse.interop.Pair#all")
    void aThrottledTransferIsSlowAndWhole(Pair pair) throws Exception {
        try (var listener = PeerProcess.listen(pair.listener(), relay, "--relay-only", "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        pair.dialler(),
                        relay,
                        listener.id(),
                        "--relay-only",
                        "--mode",
                        "sink",
                        "--bytes",
                        String.valueOf(BYTES))) {

            dialler.awaitSuccess();
            listener.awaitSuccess();

            // All flows in at the limit, but for the burst, a refill that is due at once, and one read beyond the
            // bucket.
            int atOnce = 2 * BYTES_PER_SECOND / 10 + MAX_READ;
            int millisMin = (BYTES - atOnce) / (BYTES_PER_SECOND / 1000);
            assertThat(dialler.await("round").number("ms")).isGreaterThan(millisMin);
        }
    }
}
