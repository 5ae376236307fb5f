package io.teahouse.endpoint.netreport;

import static io.teahouse.endpoint.netreport.SimulatedRelays.address;
import static io.teahouse.endpoint.netreport.SimulatedRelays.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.teahouse.endpoint.netreport.DiscoveryEvent.AddressSeen;
import io.teahouse.endpoint.netreport.DiscoveryEvent.Failed;
import io.teahouse.endpoint.netreport.DiscoveryEvent.Lost;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.message.Opaque;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client asks relays for its address, over a network that only the test knows. */
class AddressDiscoveryClientTest {
    private static final Duration ROUND_TRIP = Duration.ofMillis(40);

    private final SimulatedRelays relays = new SimulatedRelays(ROUND_TRIP);

    @Test
    void aRelayTellsTheAddressThatItSees() {
        var relay = relays.relay(1);

        relays.ask(relay);
        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events).containsExactly(new AddressSeen(relay, relays.outside, ROUND_TRIP));
        assertThat(relays.nowNanos).as("one round trip").isEqualTo(ROUND_TRIP.toNanos());
    }

    @Test
    void overIpv6ItIsAnIpv6Address() {
        relays.outside = address("2001:db8:7::7", 4711);
        var relay = relays.relay(
                new DiscoveryTarget("2001:db8::1", address("2001:db8::1", 7842)),
                Optional.of(AddressDiscovery.SEND),
                SimulatedRelays.PROTOCOL);

        relays.ask(relay);
        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events).containsExactly(new AddressSeen(relay, relays.outside, ROUND_TRIP));
    }

    @Test
    void anotherAddressIsToldAsSoonAsTheRelayHearsFromThere() {
        var relay = relays.relay(1);
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));

        relays.outside = address("203.0.113.7", 4712);
        relays.run(Duration.ofSeconds(26)); // the next word that keeps the connection alive comes from there

        assertThat(relays.events(AddressSeen.class))
                .extracting(AddressSeen::address)
                .containsExactly(address("203.0.113.7", 4711), address("203.0.113.7", 4712));
    }

    @Test
    void afterAChangeOfTheNetworkItIsToldAtOnce() {
        var relay = relays.relay(1);
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));

        relays.changeNetwork(address("198.51.100.9", 4711));
        relays.run(ROUND_TRIP.plusMillis(30)); // and a delay, if the relay waits to acknowledge

        assertThat(relays.events(AddressSeen.class))
                .extracting(AddressSeen::address)
                .containsExactly(address("203.0.113.7", 4711), address("198.51.100.9", 4711));
    }

    @Test
    void whoHasAnsweredStaysConnectedForHours() {
        var relay = relays.relay(1);
        relays.ask(relay);

        relays.run(Duration.ofHours(2));

        assertThat(relays.connectionsOf(relay)).isEqualTo(1);
        assertThat(relays.events).as("told once").hasSize(1);
    }

    @Test
    void aRelayThatIsNotNeededIsTold() {
        var relay = relays.relay(1);
        relays.ask(relay);
        relays.runUntil(() -> !relays.events.isEmpty());

        relays.client.finish(relay, relays.nowNanos);
        relays.run(Duration.ofSeconds(2));

        assertThat(relays.connectionsOf(relay)).isZero();
        assertThat(relays.client.isIdle()).isTrue();
        assertThat(relays.events).as("it was our wish").hasSize(1);
    }

    @Test
    void relaysAreAskedSideBySide() {
        var targets = IntStream.rangeClosed(1, 5).mapToObj(relays::relay).toList();

        targets.forEach(relays::ask);
        relays.run(ROUND_TRIP.plusMillis(1));

        assertThat(relays.events(AddressSeen.class))
                .extracting(AddressSeen::target)
                .containsExactlyInAnyOrderElementsOf(targets);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.2})
    void lostDatagramsAreMadeUpFor(double loss) {
        relays.loss = loss;
        var targets = IntStream.rangeClosed(1, 10).mapToObj(relays::relay).toList();

        targets.forEach(relays::ask);
        relays.runUntil(() -> relays.events.size() >= targets.size());

        assertThat(relays.events(AddressSeen.class)).hasSameSizeAs(targets);
    }

    @Test
    void silenceIsTheEndAfterThreeSeconds() {
        relays.ask(target(1));

        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events).containsExactly(new Failed(target(1), new DiscoveryFailure.Silence()));
        assertThat(relays.nowNanos).isEqualTo(Duration.ofSeconds(3).toNanos());
        relays.run(Duration.ofSeconds(10));
        assertThat(relays.client.isIdle()).isTrue();
    }

    @Test
    void aServerThatTellsNoAddressesIsTooSlow() {
        var relay = relays.relay(target(1), Optional.empty(), SimulatedRelays.PROTOCOL);

        relays.ask(relay);
        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events).containsExactly(new Failed(relay, new DiscoveryFailure.TooSlow()));
    }

    @Test
    void aServerOfSomethingElseRefuses() {
        var relay = relays.relay(target(1), Optional.of(AddressDiscovery.SEND), Opaque.ofUtf8("h3"));

        relays.ask(relay);
        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events(Failed.class))
                .singleElement()
                .extracting(Failed::reason, type(DiscoveryFailure.Refused.class))
                .extracting(DiscoveryFailure.Refused::cause, type(CloseCause.PeerTransport.class))
                .satisfies(cause -> assertThat(cause.code()).isEqualTo(0x178));
    }

    @Test
    void aCertificateForAnotherNameIsNotGood() {
        var real = relays.relay(1);
        var other = new DiscoveryTarget("other.test", real.address());

        relays.ask(other);
        relays.runUntil(() -> !relays.events.isEmpty());

        assertBreach(relays, "certificate: not for other.test");
    }

    @Test
    void aCertificateOfNobodyTrustedIsNotGood() {
        var strict = new SimulatedRelays(ROUND_TRIP, RelayCertificate.of(SimulatedRelays.NAME));

        strict.ask(strict.relay(1));
        strict.runUntil(() -> !strict.events.isEmpty());

        assertBreach(strict, "certificate: no path to a trust anchor");
    }

    private static void assertBreach(SimulatedRelays relays, String reason) {
        assertThat(relays.events(Failed.class))
                .singleElement()
                .extracting(Failed::reason, type(DiscoveryFailure.Refused.class))
                .extracting(DiscoveryFailure.Refused::cause, type(CloseCause.Breach.class))
                .satisfies(cause -> assertThat(cause.reason()).startsWith(reason));
    }

    @Test
    void aRelayThatVanishesIsLost() {
        var relay = relays.relay(1);
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));

        relays.remove(relay);
        relays.runUntil(() -> relays.events.size() > 1);

        assertThat(relays.events.getLast()).isEqualTo(new Lost(relay));
        relays.relay(1);
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));
        assertThat(relays.events(AddressSeen.class)).as("asked again").hasSize(2);
    }

    @Test
    void askingTwiceIsAskingOnce() {
        var relay = relays.relay(1);

        relays.ask(relay);
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));
        relays.ask(relay);
        relays.run(Duration.ofSeconds(1));

        assertThat(relays.events).hasSize(1);
        assertThat(relays.connectionsOf(relay)).isEqualTo(1);
    }

    @Test
    void moreThanTenWaitForTheirTurn() {
        for (int number = 1; number <= AddressDiscoveryClient.MAX_TARGETS; number++) {
            relays.ask(target(number));
        }

        assertThat(relays.datagramsToRelays).isEqualTo(AddressDiscoveryClient.MAX_ASKING);
        assertThat(relays.client.ask(target(100), relays.nowNanos)).isFalse();
        relays.runUntil(relays.client::isIdle);
        assertThat(relays.events(Failed.class)).hasSize(AddressDiscoveryClient.MAX_TARGETS);
    }

    @Test
    void datagramsOfOthersAreLeftAlone() {
        relays.ask(target(1));
        var datagram = ByteBuffer.wrap(new byte[] {0x41, 1, 2, 3});

        boolean ours = relays.client.receive(
                datagram, NetworkPath.to(address("198.51.100.1", 7842)), Ecn.NOT_ECT, relays.nowNanos);

        assertThat(ours).isFalse();
        assertThat(datagram.remaining()).isEqualTo(4);
    }

    @Test
    void whatIsNoPacketOfTheRelaysChangesNothing() {
        var relay = relays.relay(1);
        relays.ask(relay);
        var random = new java.util.Random(7);
        for (int i = 0; i < 1000; i++) {
            var noise = new byte[1 + random.nextInt(1400)];
            random.nextBytes(noise);
            relays.client.receive(
                    ByteBuffer.wrap(noise), NetworkPath.to(relay.address()), Ecn.NOT_ECT, relays.nowNanos);
        }

        relays.runUntil(() -> !relays.events.isEmpty());

        assertThat(relays.events).containsExactly(new AddressSeen(relay, relays.outside, ROUND_TRIP));
    }
}
