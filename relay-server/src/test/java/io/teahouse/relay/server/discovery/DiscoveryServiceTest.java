package io.teahouse.relay.server.discovery;

import static io.teahouse.relay.server.discovery.Visitors.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.packet.PacketType;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients ask at which address they are seen. */
class DiscoveryServiceTest {
    private static final InetSocketAddress ALICE = address("198.51.100.1", 1111);
    private static final InetSocketAddress BOB = address("198.51.100.2", 2222);
    private static final InetSocketAddress CAROL = address("2001:db8::3", 3333);
    private static final DiscoveryLimits LIMITS = new DiscoveryLimits(100, 100, 100);
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();

    @TempDir
    private static Path directory;

    private static ServerCertificate certificate;

    @BeforeAll
    static void issue() throws IOException {
        certificate = issue("usual");
    }

    private static ServerCertificate issue(String name) throws IOException {
        var files = AUTHORITY.issue(Files.createDirectory(directory.resolve(name)), Visitors.HOST);
        var both = Files.writeString(
                directory.resolve(name + ".pem"),
                Files.readString(files.privateKey()) + Files.readString(files.chain()));
        return ServerCertificate.read(both);
    }

    private static Visitors visitors(DiscoveryLimits limits) {
        return new Visitors(limits, AUTHORITY.certificate(), certificate);
    }

    private static boolean isConnected(Visitors.Visitor visitor) {
        return visitor.events.stream().anyMatch(ConnectionEvent.Connected.class::isInstance);
    }

    @Test
    void aClientIsToldItsAddressWithTheFirstAnswer() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        var carol = all.visit(CAROL);

        all.runUntil(() -> isConnected(alice) && isConnected(carol));

        assertThat(alice.connection.observedAddress()).contains(ALICE);
        assertThat(carol.connection.observedAddress()).contains(CAROL);
        assertThat(alice.came.stream().flatMap(List::stream))
                .startsWith(PacketType.INITIAL, PacketType.HANDSHAKE)
                .contains(PacketType.ONE_RTT);
    }

    @Test
    void theAddressComesBehindTheLastBytesOfTheHandshake() {
        var all = visitors(LIMITS);
        all.certificate = Optional.of(longChain());
        var alice = all.visit(ALICE);

        all.runUntil(() -> isConnected(alice));

        var types = alice.came.stream().flatMap(List::stream).toList();
        assertThat(alice.came.size()).isGreaterThan(2);
        assertThat(types.indexOf(PacketType.ONE_RTT)).isGreaterThan(types.lastIndexOf(PacketType.HANDSHAKE));
        assertThat(alice.connection.observedAddress()).contains(ALICE);
    }

    /** With which the server's first words are more than two datagrams. */
    private static ServerCertificate longChain() {
        var chain = new ArrayList<>(certificate.chain());
        for (int i = 0; i < 3; i++) {
            chain.add(AUTHORITY.certificate());
        }
        return new ServerCertificate(certificate.key(), chain);
    }

    @Test
    void anAddressThatIsNotProvenIsSentThreeTimesWhatItHasSentAtMost() {
        var all = visitors(LIMITS);
        all.certificate = Optional.of(longChain());
        var alice = all.visit(ALICE);
        all.runUntil(() -> alice.bytesSent > 0);

        alice.isDumb = true;
        alice.isDeaf = true;
        all.run(Duration.ofSeconds(40));

        assertThat(alice.bytesCame).isBetween(1200L, 3 * alice.bytesSent);
    }

    @Test
    void whatTheServerAllowsIsNoStreamAndNoDatagram() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);

        all.runUntil(() -> isConnected(alice));

        var said = alice.connection.peerParameters().orElseThrow();
        assertThat(said.addressDiscovery()).contains(AddressDiscovery.SEND);
        assertThat(said.get(IntegerParameter.MAX_IDLE_TIMEOUT)).isEqualTo(30_000);
        assertThat(said.get(IntegerParameter.INITIAL_MAX_STREAMS_BIDI)).isZero();
        assertThat(said.get(IntegerParameter.INITIAL_MAX_STREAMS_UNI)).isZero();
        assertThat(said.get(IntegerParameter.MAX_DATAGRAM_FRAME_SIZE)).isZero();
    }

    @Test
    void aClientThatIsDoneIsCounted() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));

        alice.connection.close(1, "finished", all.nowNanos);
        all.run(Duration.ofSeconds(5));

        assertThat(all.count(RelayCounter.QAD_INCOMING)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_CLOSED)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_ERRORED)).isZero();
        assertThat(all.count(RelayCounter.QAD_INCOMING_ERROR)).isZero();
    }

    @Test
    void otherEndsAreErrors() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        var bob = all.visit(BOB);
        all.runUntil(() -> isConnected(alice) && isConnected(bob));

        alice.connection.close(0, "", all.nowNanos);
        bob.isDumb = true;
        all.run(Duration.ofSeconds(40));

        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_CLOSED)).isEqualTo(2);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_ERRORED)).isEqualTo(2);
    }

    @Test
    void whoWantsAnotherProtocolIsTurnedAway() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE, "/iroh-qad/1");

        all.runUntil(() -> alice.closed().isPresent());

        assertThat(alice.closed().orElseThrow())
                .isInstanceOfSatisfying(
                        CloseCause.PeerTransport.class,
                        cause -> assertThat(cause.code()).isEqualTo(0x178));
        assertThat(all.count(RelayCounter.QAD_INCOMING_ERROR)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS)).isZero();
    }

    @Test
    void aClientThatMovesIsToldItsNewAddress() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        all.runUntil(() -> alice.connection.observedAddress().isPresent());
        all.run(Duration.ofSeconds(1));

        alice.address = address("198.51.100.77", 7777);
        all.runUntil(() ->
                alice.connection.observedAddress().filter(alice.address::equals).isPresent());

        assertThat(all.count(RelayCounter.QAD_ADDRESS_CHANGES)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_CLOSED)).isZero();
    }

    @Test
    void aConnectionIsKeptAsLongAsTheClientIsThere() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);

        all.run(Duration.ofMinutes(2));

        assertThat(alice.closed()).isEmpty();
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_CLOSED)).isZero();
    }

    @Test
    void theCertificateIsTheOneInForceWhenTheClientComes() throws IOException {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));

        var other = TestCertificateAuthority.create();
        var files = other.issue(Files.createDirectory(directory.resolve("other")), Visitors.HOST);
        all.certificate = Optional.of(ServerCertificate.read(Files.writeString(
                directory.resolve("other.pem"),
                Files.readString(files.privateKey()) + Files.readString(files.chain()))));
        var bob = all.visit(BOB);
        all.runUntil(() -> bob.closed().isPresent());

        assertThat(bob.closed().orElseThrow())
                .as("the client does not know who has signed it")
                .isInstanceOf(CloseCause.Breach.class);
        all.certificate = Optional.of(issue("third"));
        var carol = all.visit(CAROL);
        all.runUntil(() -> isConnected(carol));
        assertThat(alice.closed()).isEmpty();
    }

    @Test
    void withoutACertificateNobodyIsAnswered() {
        var all = visitors(LIMITS);
        all.certificate = Optional.empty();
        var alice = all.visit(ALICE);

        all.run(Duration.ofMillis(100));

        assertThat(alice.came).isEmpty();
        assertThat(all.count(RelayCounter.QAD_REFUSED_NO_CERTIFICATE)).isEqualTo(1);
        all.certificate = Optional.of(certificate);
        all.runUntil(() -> isConnected(alice));
    }

    @Test
    void whenManyShakeHandsNewOnesHaveToProveTheirAddress() {
        var all = visitors(new DiscoveryLimits(100, 100, 1));
        var mute = all.visit(BOB);
        all.runUntil(() -> !mute.came.isEmpty());
        mute.isDeaf = true;
        mute.isDumb = true;

        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));

        assertThat(all.count(RelayCounter.QAD_RETRIES)).isEqualTo(1);
        assertThat(alice.connection.observedAddress()).contains(ALICE);
    }

    @Test
    void thereAreNoMoreConnectionsThanAllowed() {
        var all = visitors(new DiscoveryLimits(1, 100, 100));
        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));
        var bob = all.visit(BOB);
        all.run(Duration.ofMillis(50));

        assertThat(bob.came).isEmpty();
        assertThat(all.count(RelayCounter.QAD_REFUSED_TOO_MANY)).isEqualTo(1);

        alice.connection.close(1, "finished", all.nowNanos);
        all.runUntil(() -> isConnected(bob));
    }

    @Test
    void anAddressHasNoMoreConnectionsThanAllowed() {
        var all = visitors(new DiscoveryLimits(100, 1, 100));
        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));
        var neighbour = all.visit(address("198.51.100.1", 1112));
        var bob = all.visit(BOB);
        all.runUntil(() -> isConnected(bob));

        assertThat(neighbour.came).isEmpty();
        assertThat(all.count(RelayCounter.QAD_REFUSED_TOO_MANY_OF_ADDRESS)).isPositive();

        alice.address = address("198.51.100.7", 7);
        all.runUntil(() -> isConnected(neighbour));
    }

    @Test
    void allAreToldWhenTheRelayEnds() {
        var all = visitors(LIMITS);
        var alice = all.visit(ALICE);
        all.runUntil(() -> isConnected(alice));

        all.service.close(all.nowNanos);
        all.runUntil(() -> alice.closed().isPresent());
        var bob = all.visit(BOB);
        all.run(Duration.ofMillis(100));

        assertThat(alice.closed()).contains(new CloseCause.PeerApplication(1, "finished"));
        assertThat(bob.came).isEmpty();
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_CLOSED)).isEqualTo(1);
        assertThat(all.count(RelayCounter.QAD_CONNECTIONS_ERRORED)).isZero();
        assertThat(all.count(RelayCounter.QAD_REFUSED_CLOSING)).isEqualTo(1);
    }
}
