package io.teahouse.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.relay.server.RelayServerConfig.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Says of a relay what cannot be. */
class RelayServerConfigTest {
    private static final Tls TLS = new Tls(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Path.of("chain.pem"), Path.of("key.pem"));

    @Test
    void filesOfACertificateAreWatchedOnlyIfThatIsSaid() {
        assertThat(TLS.reloadInterval()).isEmpty();
        assertThat(TLS.reloadingEvery(Tls.DEFAULT_RELOAD_INTERVAL).reloadInterval())
                .hasValue(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT0.000999999S", "PT-1S", "PT24H0.000000001S", "P365000000D"})
    void aReloadIntervalOutOfItsRangeIsRefused(Duration interval) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TLS.reloadingEvery(interval))
                .withMessage("reloadInterval: %s (expected: 1 ms to 24 h)", interval);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.001S", "PT24H"})
    void aReloadIntervalMayBeAsLongAsItsRangeSays(Duration interval) {
        assertThat(TLS.reloadingEvery(interval).reloadInterval()).hasValue(interval);
    }
}
