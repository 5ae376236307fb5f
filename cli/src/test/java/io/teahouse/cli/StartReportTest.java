package io.teahouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.cli.StartReport.Listening;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.config.Setting;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads at the start; the relay URL is there to be copied. */
class StartReportTest {
    private static final InetSocketAddress METRICS = address("127.0.0.1", 9090);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void onAllAddressesTheUrlIsTheLoopbacks() {
        assertThat(lines(RelayServerConfig.builder(), plain("::", 3340)))
                .containsExactly(
                        "relay: listening on http://[::]:3340 (all addresses, IPv4 and IPv6)",
                        "relay: metrics on http://127.0.0.1:9090/metrics",
                        "relay: open to everyone",
                        "relay: point an endpoint at it with relay URL http://127.0.0.1:3340 (on other machines this one's name"
                                + " or address instead of 127.0.0.1)");
    }

    @Test
    void aMachineWithoutIpv6ListensOnAllOfIpv4() {
        assertThat(lines(RelayServerConfig.builder(), plain("0.0.0.0", 80)))
                .contains(
                        "relay: listening on http://0.0.0.0:80 (all IPv4 addresses)",
                        "relay: point an endpoint at it with relay URL http://127.0.0.1 (on other machines this one's name or"
                                + " address instead of 127.0.0.1)");
    }

    @Test
    void aSingleAddressIsItsOwnUrl() {
        assertThat(lines(RelayServerConfig.builder(), plain("2001:db8::1", 80)))
                .contains(
                        "relay: listening on http://[2001:db8::1]:80",
                        "relay: point an endpoint at it with relay URL http://[2001:db8::1]");
        assertThat(lines(RelayServerConfig.builder(), plain("127.0.0.1", 8080)))
                .contains(
                        "relay: listening on http://127.0.0.1:8080 (this machine only)",
                        "relay: point an endpoint at it with relay URL http://127.0.0.1:8080");
    }

    @Test
    void whereAddressDiscoveryIsIsTold() {
        var listening = new Listening(
                Optional.of(address("::", 80)),
                Optional.of(address("::", 443)),
                Optional.of(address("::", 7842)),
                Optional.empty());
        assertThat(lines(RelayServerConfig.builder(), listening))
                .contains("relay: address discovery on UDP [::]:7842 (all addresses, IPv4 and IPv6)");
    }

    @Test
    void addressDiscoveryAloneHasNoUrl() {
        var listening = new Listening(
                Optional.empty(), Optional.empty(), Optional.of(address("10.0.0.1", 7842)), Optional.empty());
        assertThat(lines(RelayServerConfig.builder(), listening))
                .containsExactly(
                        "relay: address discovery on UDP 10.0.0.1:7842",
                        "relay: datagrams are not forwarded, since enable_relay is false");
    }

    @Test
    void withoutMetricsNoneAreTold() {
        var listening = new Listening(
                Optional.of(address("127.0.0.1", 80)), Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(lines(RelayServerConfig.builder(), listening)).noneMatch(line -> line.contains("metrics"));
    }

    @Test
    void proxiesThatAreTrustedAreTold() {
        var proxies = Proxies.trusting(
                ClientAddressSource.X_FORWARDED_FOR, AddressRange.of("127.0.0.1"), AddressRange.of("fd00::/8"));
        assertThat(lines(RelayServerConfig.builder().proxies(proxies), plain("127.0.0.1", 80)))
                .contains("relay: clients behind 127.0.0.1, fd00::/8 are known by X-Forwarded-For");
    }

    @Test
    void aLimitIsTold() {
        var config = RelayServerConfig.builder().clientReceiveLimit(new ReceiveLimit(4_000_000, 400_000));
        assertThat(lines(config, plain("127.0.0.1", 80)))
                .contains("relay: each client may send 4000000 bytes/s, in bursts of up to 400000 bytes");
    }

    @Test
    void overTlsTheUrlHasANameOfTheCertificate() throws IOException {
        Path chain = resource("relay.example.pem");
        assertThat(lines(tls(chain), overTls(443)))
                .containsExactly(
                        "relay: listening on https://[::]:443 (all addresses, IPv4 and IPv6)",
                        "relay: captive-portal answers on http://[::]:80 (all addresses, IPv4 and IPv6)",
                        "relay: metrics on http://127.0.0.1:9090/metrics",
                        "relay: open to everyone",
                        "relay: point an endpoint at it with relay URL https://relay.example");
        assertThat(lines(tls(chain), overTls(8443)))
                .contains("relay: point an endpoint at it with relay URL https://relay.example:8443");
    }

    @Test
    void aCertificateForAnAddressHasThatInTheUrl() throws IOException {
        assertThat(lines(tls(resource("ipv6-only.pem")), overTls(443)))
                .contains("relay: point an endpoint at it with relay URL https://[2001:db8::1]");
    }

    @Test
    void aCertificateThatCannotBeReadHasNoName() throws IOException {
        for (String content : List.of("", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")) {
            Path chain = Files.writeString(directory.resolve("chain.pem"), content);
            assertThat(lines(tls(chain), overTls(443)))
                    .contains("relay: point an endpoint at it with relay URL https://<a name of the certificate>");
        }
        assertThat(lines(tls(directory.resolve("none.pem")), overTls(443)))
                .contains("relay: point an endpoint at it with relay URL https://<a name of the certificate>");
    }

    @Test
    void theConfigurationIsNamed() {
        var plain = file(RelayServerConfig.builder().build(), List.of());
        var path = Optional.of(Path.of("/etc/relay.toml"));
        assertThat(StartReport.configuration(path, plain))
                .matches("relay: teahouse \\S+, configuration /etc/relay.toml");
        assertThat(StartReport.configuration(Optional.empty(), plain))
                .matches("relay: teahouse \\S+, built-in settings");
    }

    private Path resource(String name) throws IOException {
        try (var in = Objects.requireNonNull(StartReportTest.class.getResourceAsStream(name), name)) {
            return Files.write(directory.resolve(name), in.readAllBytes());
        }
    }

    private static List<String> lines(RelayServerConfig.Builder config, Listening listening) {
        return StartReport.lines(file(config.build(), List.of()), listening);
    }

    private static RelayFile file(RelayServerConfig config, List<Setting> effective) {
        return new RelayFile("relay.toml", config, Duration.ZERO, "everyone", Optional.empty(), List.of(), effective);
    }

    private static Listening plain(String ip, int port) {
        return new Listening(Optional.of(address(ip, port)), Optional.empty(), Optional.empty(), Optional.of(METRICS));
    }

    private static Listening overTls(int port) {
        return new Listening(
                Optional.of(address("::", 80)),
                Optional.of(address("::", port)),
                Optional.empty(),
                Optional.of(METRICS));
    }

    private static RelayServerConfig.Builder tls(Path chain) {
        return RelayServerConfig.builder().tls(new Tls(address("::", 443), chain, chain));
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
