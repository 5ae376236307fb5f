package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AddressDiscovery;
import io.teahouse.relay.server.discovery.DiscoveryLimits;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestKeyForm;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients ask relays that run at which address they are seen, over real sockets. */
@ExtendWith(LogWatch.class)
class AddressDiscoveryConversationTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();
    private static final InetSocketAddress LOOPBACK = address("127.0.0.1", 0);

    @TempDir
    private Path directory;

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private RelayServerConfig.Builder relay(InetSocketAddress quic) throws IOException {
        return relay(quic, TestKeyForm.P256_PKCS8);
    }

    private RelayServerConfig.Builder relay(InetSocketAddress quic, TestKeyForm key) throws IOException {
        var files = AUTHORITY.issue(directory, key, List.of("localhost"));
        var source = new CertificateSource.Files(files.chain(), files.privateKey(), Optional.empty());
        return RelayServer.builder()
                .tls(new RelayServerConfig.Tls(LOOPBACK, source))
                .addressDiscovery(new AddressDiscovery(quic, source, DiscoveryLimits.DEFAULT));
    }

    private static AddressQuestion ask(RelayServer relay, String ip) throws IOException {
        return new AddressQuestion(address(ip, relay.quicAddress().orElseThrow().getPort()), AUTHORITY.certificate());
    }

    @Test
    void oneSocketAnswersBothFamiliesEachInItsOwnForm() throws IOException {
        try (var relay = relay(address("::", 0)).start();
                var one = ask(relay, "127.0.0.1");
                var other = ask(relay, "::1")) {

            assertThat(one.awaitAnswer()).isEqualTo(one.ownAddress());
            assertThat(one.awaitAnswer().getAddress()).isInstanceOf(Inet4Address.class);
            assertThat(other.awaitAnswer()).isEqualTo(other.ownAddress());
        }
    }

    /** A client takes answers from nowhere else. */
    @Test
    void theAnswerComesFromTheAddressThatWasAsked() throws IOException {
        try (var relay = relay(address("0.0.0.0", 0)).start();
                var question = ask(relay, "127.0.0.77")) {

            assertThat(question.awaitAnswer()).isEqualTo(question.ownAddress());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestKeyForm.class,
            names = {"P384_PKCS8", "RSA_PKCS8", "ED25519_PKCS8"})
    void keysOfAllKindsWillDo(TestKeyForm key) throws IOException {
        try (var relay = relay(LOOPBACK, key).start();
                var question = ask(relay, "127.0.0.1")) {

            assertThat(question.awaitAnswer()).isEqualTo(question.ownAddress());
        }
    }

    @Test
    void clientsThatComeAreShownTheCertificateInForce() throws IOException {
        var next = TestCertificateAuthority.create();
        try (var relay = relay(LOOPBACK).start();
                var before = ask(relay, "127.0.0.1")) {
            before.awaitAnswer();

            next.issue(directory, "localhost");
            assertThat(relay.reloadCertificate()).isTrue();

            try (var after = new AddressQuestion(relay.quicAddress().orElseThrow(), next.certificate())) {
                assertThat(after.awaitAnswer()).isEqualTo(after.ownAddress());
            }
        }
    }

    @Test
    void clientsAreToldWhenTheRelayEnds() throws Exception {
        try (var relay = relay(LOOPBACK).start();
                var question = ask(relay, "127.0.0.1")) {
            question.awaitAnswer();

            relay.drain(Duration.ZERO);

            question.awaitEvent(new ConnectionEvent.Closed(new CloseCause.PeerApplication(1, "finished")));
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (var taken = new DatagramSocket(LOOPBACK)) {
            var there = address("127.0.0.1", taken.getLocalPort());

            assertThatThrownBy(() -> relay(there).start())
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Failed to bind server socket to 127.0.0.1:%d (UDP): ", there.getPort());
        }
    }

    @Test
    void twoRelaysMayShareAPortWhileOneTakesOverFromTheOther() throws Exception {
        try (var old = relay(LOOPBACK).reusePort(true).start();
                var successor =
                        relay(old.quicAddress().orElseThrow()).reusePort(true).start()) {
            old.drain(Duration.ZERO);
            try (var question = ask(successor, "127.0.0.1")) {
                assertThat(question.awaitAnswer()).isEqualTo(question.ownAddress());
            }
        }
    }

    @Test
    void thereCanBeAddressDiscoveryAlone() throws IOException {
        try (var relay = relay(LOOPBACK).relay(false).metrics(Counters.ADDRESS).start();
                var question = ask(relay, "127.0.0.1")) {

            assertThat(question.awaitAnswer()).isEqualTo(question.ownAddress());
            assertThat(relay.httpsAddress()).isEmpty();
            assertThatThrownBy(relay::httpAddress).isInstanceOf(IllegalStateException.class);
            assertThat(Counters.of(relay).get("qad_connections")).isEqualTo(1);
        }
    }
}
