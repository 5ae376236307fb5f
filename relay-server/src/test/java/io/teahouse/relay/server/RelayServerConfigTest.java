package io.teahouse.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.relay.server.RelayServerConfig.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Says of a relay what cannot be. */
class RelayServerConfigTest {
    private static final URI DIRECTORY = CertificateSource.Acme.LETS_ENCRYPT;
    private static final Tls TLS = new Tls(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Path.of("chain.pem"), Path.of("key.pem"));

    @Test
    void filesOfACertificateAreWatchedOnlyIfThatIsSaid() {
        assertThat(interval(TLS)).isEmpty();
        assertThat(interval(TLS.reloadingEvery(Tls.DEFAULT_RELOAD_INTERVAL))).hasValue(Duration.ofSeconds(10));
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
        assertThat(interval(TLS.reloadingEvery(interval))).hasValue(interval);
    }

    private static Optional<Duration> interval(Tls tls) {
        return ((CertificateSource.Files) tls.certificate()).reloadInterval();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "*.example.org", "relay example", "relay_1.example", "a..b", "10.0.0.1:443", "é.example"})
    void anAuthorityIsAskedForDnsNamesWithoutWildcards(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> acme(List.of("relay.example", name), "a@b.example", DIRECTORY))
                .withMessage("hostnames: \"%s\" (expected: a DNS name without wildcard)", name);
    }

    @Test
    void anAuthorityIsAskedForAtLeastOneName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> acme(List.of(), "a@b.example", DIRECTORY))
                .withMessage("hostnames: 0 (expected: 1 to 100)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "b.example", "mailto:a@b, c@d", "a@b?subject=x"})
    void anAuthorityWantsAnAddressToWriteTo(String contact) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> acme(List.of("relay.example"), contact, DIRECTORY))
                .withMessage("contact: \"%s\" (expected: an e-mail address)", contact);
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme://letsencrypt.org", "/directory", "https:/directory"})
    void anAuthorityIsSpokenToOverHttp(String directory) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> acme(List.of("relay.example"), "a@b.example", URI.create(directory)))
                .withMessage("directory: %s (expected: an http or https URL)", directory);
    }

    @Test
    void namesAreTakenOnceAndInLowerCase() {
        assertThat(acme(List.of("Relay.Example", "relay.example"), "a@b.example", DIRECTORY)
                        .hostnames())
                .containsExactly("relay.example");
    }

    private static CertificateSource.Acme acme(List<String> hostnames, String contact, URI directory) {
        return new CertificateSource.Acme(hostnames, contact, directory, Path.of("."), List.of());
    }
}
