package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.access.Project.Limits;
import io.teahouse.relay.server.access.TokenAccess;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A relay with several tenants: clients of projects, told apart by their tokens (access token spec, sections 6, 7 and 10). */
@Conversation
class ProjectsConversationTest {
    private static final TokenAccess.Terms TERMS = new TokenAccess.Terms(0, true, false);
    private static final RelayFrame.FromRelay THROTTLED = new RelayFrame.Status(2);
    private static final int LENGTH = 1000;

    private final SecretKey teaIssuer = ScriptedClient.newKey();
    private final SecretKey coffeeIssuer = ScriptedClient.newKey();
    private final SecretKey nobodysIssuer = ScriptedClient.newKey();
    private final Project tea = project("tea", Limits.NONE, teaIssuer);
    private final Project coffee = project("coffee", Limits.NONE, coffeeIssuer);

    // ---- fixtures ------------------------------------------------------------------------------------------------

    private static Project project(String name, Limits limits, SecretKey... issuers) {
        return new Project(name, ids(issuers), limits);
    }

    private static Set<EndpointId> ids(SecretKey... keys) {
        return Set.copyOf(Arrays.stream(keys).map(SecretKey::endpointId).toList());
    }

    private TokenAccess access(Project... projects) {
        return new TokenAccess(ids(nobodysIssuer), List.of(projects), TERMS, InstantSource.system());
    }

    private RelayServerConfig.Builder relay(Project... projects) {
        return RelayServer.builder().access(access(projects)).metrics(Counters.ADDRESS);
    }

    private static String token(SecretKey issuer, SecretKey client, OptionalLong expiry) {
        return "Authorization: Bearer "
                + RelayToken.mint(issuer, client.endpointId(), Set.of(Capability.RELAY_USE), expiry)
                        .toText();
    }

    private static ScriptedClient admitted(RelayServer relay, SecretKey key, SecretKey issuer) throws IOException {
        var client = ScriptedClient.connect(relay);
        client.beAdmitted(key, ProtocolVersion.V2, token(issuer, key, OptionalLong.empty()));
        return client;
    }

    /** Returns in which words a client is denied. */
    private static String denied(RelayServer relay, SecretKey key, SecretKey issuer, OptionalLong expiry)
            throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2, token(issuer, key, expiry));
            client.answerChallenge(key);
            var message = client.nextMessage();
            assertThat(message[0]).isEqualTo((byte) 3);
            client.expectClosed(1008);
            return new String(message, 2, message.length - 2, UTF_8);
        }
    }

    private static void expectReaches(ScriptedClient from, SecretKey fromKey, ScriptedClient to, SecretKey toKey)
            throws IOException {
        from.sendDatagram(toKey.endpointId(), "a cup of");
        to.expectDatagram(fromKey.endpointId(), "a cup of");
    }

    // ---- who reaches whom ----------------------------------------------------------------------------------------

    @Test
    void endpointsReachThoseOfTheirProjectAndNobodyElse() throws IOException {
        var key = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        var strangerKey = ScriptedClient.newKey();
        try (var relay = relay(tea, coffee).start();
                var client = admitted(relay, key, teaIssuer);
                var peer = admitted(relay, peerKey, teaIssuer);
                var stranger = admitted(relay, strangerKey, coffeeIssuer);
                var ofNoProject = admitted(relay, ScriptedClient.newKey(), nobodysIssuer)) {
            expectReaches(client, key, peer, peerKey);

            for (var outsider : List.of(stranger, ofNoProject)) {
                outsider.sendDatagram(peerKey.endpointId(), "let me in");
                outsider.expectQuietAndAlive();
            }
            client.sendDatagram(strangerKey.endpointId(), "who is there?");
            client.expectQuietAndAlive();
            peer.expectQuietAndAlive();
            stranger.expectQuietAndAlive();

            var counters = Counters.of(relay);
            assertThat(counters.get("datagrams_dropped", "not_connected")).isEqualTo(3);
            assertThat(counters.get("project_datagrams_dropped", "tea")).isEqualTo(1);
            assertThat(counters.get("project_datagrams_dropped", "coffee")).isEqualTo(1);
        }
    }

    @Test
    void theyReachEachOtherWhereTheyAreNotIsolated() throws IOException {
        var key = ScriptedClient.newKey();
        var strangerKey = ScriptedClient.newKey();
        try (var relay = relay(tea, coffee).isolateProjects(false).start();
                var client = admitted(relay, key, teaIssuer);
                var stranger = admitted(relay, strangerKey, coffeeIssuer)) {
            expectReaches(client, key, stranger, strangerKey);
            expectReaches(stranger, strangerKey, client, key);
        }
    }

    @Test
    void oneKeyInTwoProjectsIsTwoEndpointsWhichDoNotDisplaceEachOther() throws IOException {
        var key = ScriptedClient.newKey();
        var teaKey = ScriptedClient.newKey();
        var coffeeKey = ScriptedClient.newKey();
        try (var relay = relay(tea, coffee).start();
                var inTea = admitted(relay, key, teaIssuer);
                var inCoffee = admitted(relay, key, coffeeIssuer);
                var ofTea = admitted(relay, teaKey, teaIssuer);
                var ofCoffee = admitted(relay, coffeeKey, coffeeIssuer)) {
            expectReaches(ofTea, teaKey, inTea, key);
            expectReaches(ofCoffee, coffeeKey, inCoffee, key);
            assertThat(relay.connectedEndpoints()).isEqualTo(4);

            inTea.hangUp();

            ofTea.sendDatagram(key.endpointId(), "still there?");
            inCoffee.expectQuietAndAlive();
            ofCoffee.expectQuietAndAlive();
            assertThat(relay.disconnect(key.endpointId(), Optional.empty())).isTrue();
            inCoffee.expectClosed(1008);
        }
    }

    // ---- who may stay --------------------------------------------------------------------------------------------

    @Test
    void whoseIssuerIsRemovedIsGoneAndTheOtherProjectIsLeftAlone() throws IOException {
        var otherTeaIssuer = ScriptedClient.newKey();
        var staysKey = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        try (var relay = relay(project("tea", Limits.NONE, teaIssuer, otherTeaIssuer), coffee)
                        .start();
                var goes = admitted(relay, ScriptedClient.newKey(), teaIssuer);
                var ofTheOtherIssuer = admitted(relay, ScriptedClient.newKey(), otherTeaIssuer);
                var stays = admitted(relay, staysKey, coffeeIssuer);
                var peer = admitted(relay, peerKey, coffeeIssuer)) {
            relay.setAccess(access(project("tea", Limits.NONE, otherTeaIssuer), coffee));

            goes.expectClosed(1008);
            assertThat(denied(relay, ScriptedClient.newKey(), teaIssuer, OptionalLong.empty()))
                    .isEqualTo("not authorized");
            ofTheOtherIssuer.expectQuietAndAlive();
            expectReaches(stays, staysKey, peer, peerKey);
        }
    }

    @Test
    void whoseProjectIsRemovedIsGoneThoughTheIssuerStillCounts() throws IOException {
        try (var relay = relay(tea, coffee).start();
                var goes = admitted(relay, ScriptedClient.newKey(), teaIssuer);
                var stays = admitted(relay, ScriptedClient.newKey(), coffeeIssuer)) {
            relay.setAccess(new TokenAccess(ids(teaIssuer), List.of(coffee), TERMS, InstantSource.system()));

            goes.expectClosed(1008);
            stays.expectQuietAndAlive();
        }
    }

    @Test
    void anIssuerThatMovesToAnotherProjectTakesItsClientsAlongWhenTheyComeBack() throws IOException {
        var key = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        try (var relay = relay(tea, coffee).start();
                var moves = admitted(relay, key, teaIssuer);
                var peer = admitted(relay, peerKey, coffeeIssuer)) {
            relay.setAccess(
                    access(project("tea", Limits.NONE), project("coffee", Limits.NONE, teaIssuer, coffeeIssuer)));

            moves.expectClosed(1008);
            try (var moved = admitted(relay, key, teaIssuer)) {
                expectReaches(moved, key, peer, peerKey);
            }
        }
    }

    @Test
    void rulesWithoutProjectsKeepNoClientOfOne() throws IOException {
        try (var relay = relay(tea).start();
                var goes = admitted(relay, ScriptedClient.newKey(), teaIssuer);
                var stays = admitted(relay, ScriptedClient.newKey(), nobodysIssuer)) {
            relay.setAccess(AccessControl.everyone());

            goes.expectClosed(1008);
            stays.expectQuietAndAlive();
        }
    }

    @Test
    void whoseTokenRunsOutIsGoneWhereThatIsWanted() throws IOException {
        long now = Instant.now().getEpochSecond();
        var key = ScriptedClient.newKey();
        var access = new TokenAccess(
                Set.of(),
                List.of(tea),
                new TokenAccess.Terms(0, true, true),
                InstantSource.fixed(Instant.ofEpochSecond(now)));
        try (var relay = RelayServer.builder().access(access).start();
                var client = ScriptedClient.connect(relay);
                var stays = admitted(relay, ScriptedClient.newKey(), teaIssuer)) {
            client.beAdmitted(key, ProtocolVersion.V2, token(teaIssuer, key, OptionalLong.of(now)));

            client.expectClosed(1008);
            stays.expectQuietAndAlive();
        }
    }

    // ---- how many ------------------------------------------------------------------------------------------------

    @Test
    void aProjectHasNoMoreClientsThanItMay() throws IOException {
        var key = ScriptedClient.newKey();
        var full = project("tea", new Limits(1, Optional.empty(), Optional.empty()), teaIssuer);
        var otherKey = ScriptedClient.newKey();
        try (var relay = relay(full, coffee).start();
                var client = admitted(relay, key, teaIssuer)) {
            assertThat(denied(relay, otherKey, teaIssuer, OptionalLong.empty()))
                    .isEqualTo("too many clients of this project");
            // Who comes again is no other client, and the other project has room.
            try (var again = admitted(relay, key, teaIssuer);
                    var ofTheOther = admitted(relay, otherKey, coffeeIssuer)) {
                client.expect(new RelayFrame.Status(1));
                again.expectQuietAndAlive();
                ofTheOther.expectQuietAndAlive();
            }
            client.expect(new RelayFrame.Status(0));
            client.hangUp();
            Await.until("there is room", () -> Counters.of(relay).get("project_clients", "tea") == 0);

            try (var next = admitted(relay, otherKey, teaIssuer)) {
                next.expectQuietAndAlive();
            }
            var counters = Counters.of(relay);
            assertThat(counters.get("access_denied", "project_full")).isEqualTo(1);
            assertThat(counters.get("project_access_denied", "tea")).isEqualTo(1);
            assertThat(counters.get("project_access_denied", "coffee")).isZero();
        }
    }

    @Test
    void projectsAreCountedByThemselvesAndKeepTheirCountsWhenTheRulesChange() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = relay(tea, coffee).start();
                var client = admitted(relay, key, teaIssuer)) {
            client.sendDatagram(key.endpointId(), new byte[LENGTH]);
            client.nextDatagram(key.endpointId());
            assertThat(denied(relay, ScriptedClient.newKey(), teaIssuer, OptionalLong.of(1)))
                    .isEqualTo("not authorized");

            relay.setAccess(access(tea));

            client.sendDatagram(key.endpointId(), new byte[LENGTH]);
            client.nextDatagram(key.endpointId());
            // What is written in a turn of the loop is counted at its end.
            client.expectQuietAndAlive();
            var counters = Counters.of(relay);
            assertThat(counters.get("project_clients", "tea")).isEqualTo(1);
            assertThat(counters.get("project_bytes_received", "tea")).isEqualTo(2 * LENGTH);
            assertThat(counters.get("project_bytes_sent", "tea")).isEqualTo(2 * LENGTH);
            assertThat(counters.get("project_access_denied", "tea")).isEqualTo(1);
            assertThat(counters.sum("project_clients")).isEqualTo(1);
        }
    }

    // ---- how much ------------------------------------------------------------------------------------------------

    /** Sends numbered datagrams to itself and reads them; returns how often it was told that it is held back. */
    private static int sendAndReceive(ScriptedClient client, EndpointId self, int count) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var sending = threads.submit(() -> {
                for (int n = 0; n < count; n++) {
                    client.sendDatagram(self, Bytes.numbered(n, LENGTH));
                }
                return true;
            });
            int told = 0;
            for (int n = 0; n < count; ) {
                switch (client.next()) {
                    case RelayFrame.ReceivedDatagrams received ->
                        assertThat(ScriptedClient.bytes(received.datagrams().contents()))
                                .isEqualTo(Bytes.numbered(n++, LENGTH));
                    case RelayFrame.FromRelay other -> {
                        assertThat(other).isEqualTo(THROTTLED);
                        told++;
                    }
                }
            }
            assertThat(sending.get()).isTrue();
            return told;
        }
    }

    /** Whoever is quicker than the rate is told so once, and goes on. */
    private static byte[] datagramAfterStatus(ScriptedClient client) throws IOException {
        var frame = client.next();
        while (frame.equals(THROTTLED)) {
            frame = client.next();
        }
        return ScriptedClient.bytes(
                ((RelayFrame.ReceivedDatagrams) frame).datagrams().contents());
    }

    private static long millisSince(long startNanos) {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    @Test
    void allClientsOfAProjectShareItsRateAndTheOtherProjectDoesNot() throws Exception {
        var rate = ReceiveLimit.ofRate(400_000);
        var limited = project("tea", new Limits(10, Optional.empty(), Optional.of(rate)), teaIssuer);
        int clients = 4;
        int each = 200;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = relay(limited, coffee).eventLoops(2).start()) {
            long start = System.nanoTime();
            var told = new ArrayList<Future<Integer>>();
            for (int i = 0; i < clients; i++) {
                told.add(threads.submit(() -> {
                    var key = ScriptedClient.newKey();
                    try (var client = admitted(relay, key, teaIssuer)) {
                        return sendAndReceive(client, key.endpointId(), each);
                    }
                }));
            }
            var key = ScriptedClient.newKey();
            try (var other = admitted(relay, key, coffeeIssuer)) {
                assertThat(sendAndReceive(other, key.endpointId(), each)).isZero();
            }
            for (var client : told) {
                assertThat(client.get()).isEqualTo(1);
            }
            // The bytes without the burst, and what was read of each in one go before it counted.
            long leastMillis =
                    1000L * ((long) clients * each * LENGTH - rate.maxBurstBytes() - clients * 70_000L) / 400_000;
            long usualMillis = 1000L * clients * each * (LENGTH + 42) / 400_000;
            assertThat(millisSince(start)).isBetween(leastMillis, usualMillis * 3 / 2 + 1500);
            assertThat(Counters.of(relay).get("conns_rx_ratelimited")).isEqualTo(clients);
        }
    }

    @Test
    void aClientOfAProjectHasTheLimitOfItsProjectInPlaceOfTheGeneralOne() throws Exception {
        var generous = project(
                "tea", new Limits(10, Optional.of(ReceiveLimit.ofRate(1_000_000_000)), Optional.empty()), teaIssuer);
        var key = ScriptedClient.newKey();
        try (var relay = relay(generous, coffee)
                        .clientReceiveLimit(new ReceiveLimit(10, 5000))
                        .start();
                var client = admitted(relay, key, teaIssuer);
                var other = admitted(relay, ScriptedClient.newKey(), coffeeIssuer)) {
            assertThat(sendAndReceive(client, key.endpointId(), 100)).isZero();
            other.sendDatagram(key.endpointId(), new byte[10_000]);
            other.expect(THROTTLED);

            relay.setAccess(access(project(
                    "tea", new Limits(10, Optional.of(new ReceiveLimit(10, 1000)), Optional.empty()), teaIssuer)));

            client.expectQuietAndAlive(); // which the burst has room for
            client.sendDatagram(key.endpointId(), new byte[10_000]);
            client.expect(THROTTLED);
        }
    }

    @Test
    void whoIsHeldBackGoesOnWhenTheLimitOfItsProjectIsLifted() throws Exception {
        var limits = new Limits(10, Optional.empty(), Optional.of(new ReceiveLimit(10, 10)));
        var key = ScriptedClient.newKey();
        try (var relay = relay(project("tea", limits, teaIssuer)).start();
                var client = admitted(relay, key, teaIssuer)) {
            client.sendDatagram(key.endpointId(), new byte[LENGTH]);
            client.expect(THROTTLED);
            client.sendDatagram(key.endpointId(), "after two minutes, or at once");

            relay.setAccess(access(tea));

            assertThat(client.nextDatagram(key.endpointId())).hasSize(LENGTH);
            client.expectDatagram(key.endpointId(), "after two minutes, or at once");
            client.expectQuietAndAlive();
        }
    }

    @Test
    void whileOneProjectFloodsTheRelayRoundTripsOfAnotherGoOn() throws Exception {
        var flooding = new AtomicBoolean(true);
        var key = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = relay(tea, coffee)
                        .receiveLimit(ReceiveLimit.ofRate(500_000))
                        .eventLoops(2)
                        .start();
                var client = admitted(relay, key, coffeeIssuer);
                var peer = admitted(relay, peerKey, coffeeIssuer)) {
            var floods = new ArrayList<Future<Boolean>>();
            var flooders = new ArrayList<ScriptedClient>();
            for (int i = 0; i < 10; i++) {
                var flooderKey = ScriptedClient.newKey();
                var flooder = admitted(relay, flooderKey, teaIssuer);
                flooders.add(flooder);
                floods.add(threads.submit(() -> {
                    while (flooding.get()) {
                        flooder.sendDatagram(coffeeIssuer.endpointId(), new byte[LENGTH]);
                    }
                    return true;
                }));
            }
            Await.until("all flooders are held back", () -> Counters.of(relay).get("conns_rx_ratelimited") == 10);

            long start = System.nanoTime();
            for (int n = 0; n < 100; n++) {
                client.sendDatagram(peerKey.endpointId(), Bytes.numbered(n, 200));
                assertThat(datagramAfterStatus(peer)).isEqualTo(Bytes.numbered(n, 200));
                peer.sendDatagram(key.endpointId(), Bytes.numbered(n, 200));
                assertThat(datagramAfterStatus(client)).isEqualTo(Bytes.numbered(n, 200));
            }
            assertThat(millisSince(start)).isLessThan(3000);

            flooding.set(false);
            for (var flooder : flooders) {
                flooder.wire().reset();
            }
            assertThat(floods).hasSize(10);
        }
    }
}
