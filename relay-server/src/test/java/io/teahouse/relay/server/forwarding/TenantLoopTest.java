package io.teahouse.relay.server.forwarding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that share a rate: embedded ones, whose minutes take no wall time. */
class TenantLoopTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int LOOPS = 2;

    private EmbeddedRelay relay = new EmbeddedRelay(LOOPS);

    @AfterEach
    void nothingIsLeft() {
        relay.close();
    }

    private static TokenAccess rules(String project, Optional<ReceiveLimit> together) {
        var issuer = SecretKey.fromBytes(new byte[SecretKey.LENGTH]).endpointId();
        return new TokenAccess(
                Set.of(),
                List.of(new Project(project, Set.of(issuer), new Project.Limits(100, Optional.empty(), together))),
                new TokenAccess.Terms(0, true, false),
                InstantSource.system());
    }

    private static RelayFrame datagram(EndpointId to, int length) {
        return new RelayFrame.SendDatagrams(to, new Datagrams(0, 0, ByteBuffer.wrap(new byte[length])));
    }

    private static void send(EmbeddedRelay.Client client, int length) {
        client.send(datagram(client.id(), length));
    }

    @Test
    void whoeverReadsNextIsHeldBackOnceTheRateIsUsedUpAndIsReadFromAgainInTurn() {
        relay.service.setReceiveLimit(Optional.of(new ReceiveLimit(1000, 1000)));
        var first = relay.connect();
        var second = relay.connect();
        var other = relay.connect(EmbeddedRelay.newId(), 1);

        send(first, 500);
        assertThat(first.isRead()).isTrue();
        send(first, 2500);
        send(second, 10);
        send(other, 10);
        assertThat(first.isRead()).isFalse();
        assertThat(second.isRead()).isFalse();
        assertThat(other.isRead()).isFalse();
        assertThat(relay.count(RelayCounter.CONNS_RX_RATELIMITED)).isEqualTo(3);

        relay.pass(SECOND);
        assertThat(first.isRead()).isFalse();
        relay.pass(SECOND.multipliedBy(2));
        assertThat(first.isRead()).isTrue();
        assertThat(second.isRead()).isTrue();
        assertThat(other.isRead()).isTrue();
    }

    @Test
    void allTogetherGetTheRateAndNotMore() {
        relay.service.setReceiveLimit(Optional.of(ReceiveLimit.ofRate(100_000)));
        var clients = new ArrayList<EmbeddedRelay.Client>();
        for (int i = 0; i < 20; i++) {
            clients.add(relay.connect(EmbeddedRelay.newId(), i % LOOPS));
        }
        var sent = new int[clients.size()];
        for (int step = 0; step < 1000; step++) {
            for (int i = 0; i < clients.size(); i++) {
                if (clients.get(i).isRead()) {
                    send(clients.get(i), 1000);
                    sent[i] += 1000;
                    clients.get(i).receivedMessages();
                }
            }
            relay.pass(Duration.ofMillis(10));
        }

        int all = 0;
        for (int bytes : sent) {
            all += bytes;
            assertThat(bytes).as("each its part").isBetween(30_000, 70_000);
        }
        assertThat(all).isBetween(800_000, 1_100_000);
    }

    @Test
    void whoIsHeldBackIsNotGivenUpForNotAnswering() throws Exception {
        relay.service.setReceiveLimit(Optional.of(new ReceiveLimit(10, 10)));
        var client = relay.connect();
        send(client, 3000);
        send(client, 3000);
        assertThat(client.isRead()).isFalse();
        relay.pass(Duration.ofMinutes(5));
        assertThat(client.isConnected()).isTrue();
        assertThat(client.isRead()).isFalse();
        assertThat(client.received()).noneMatch(RelayFrame.Ping.class::isInstance);
    }

    @Test
    void whoLeavesWhileHeldBackIsForgottenAndTheOthersGoOn() {
        relay.service.setReceiveLimit(Optional.of(new ReceiveLimit(1000, 10)));
        var goes = relay.connect();
        var stays = relay.connect();
        send(goes, 500);
        send(goes, 500);
        send(stays, 10);

        goes.disconnect();
        relay.pass(SECOND.multipliedBy(2));

        assertThat(stays.isRead()).isTrue();
    }

    @Test
    void whoIsHeldBackIsFreeSoonAfterTheLimitIsLifted() {
        relay.service.setReceiveLimit(Optional.of(new ReceiveLimit(10, 10)));
        var clients = new ArrayList<EmbeddedRelay.Client>();
        for (int i = 0; i < 30; i++) {
            clients.add(relay.connect());
            send(clients.getLast(), 500);
            send(clients.getLast(), 500);
        }
        assertThat(clients).noneMatch(EmbeddedRelay.Client::isRead);

        relay.service.setReceiveLimit(Optional.empty());
        relay.pass(Duration.ofMillis(200));

        assertThat(clients).allMatch(EmbeddedRelay.Client::isRead);
        relay.service.setReceiveLimit(Optional.of(new ReceiveLimit(10, 10)));
        send(clients.getFirst(), 500);
        send(clients.getFirst(), 500);
        assertThat(clients.getFirst().isRead()).isFalse();
    }

    @Test
    void theRateOfAProjectIsForItsClientsAlone() {
        relay.service.setAccess(rules("tea", Optional.of(new ReceiveLimit(10, 10))));
        var client = relay.connectOf("tea", EmbeddedRelay.newId(), 0);
        var ofNone = relay.connect();
        for (var each : List.of(client, ofNone)) {
            send(each, 500);
            send(each, 500);
        }
        assertThat(client.isRead()).isFalse();
        assertThat(ofNone.isRead()).isTrue();
        assertThat(client.connection.project()).hasValue("tea");
        assertThat(ofNone.connection.project()).isEmpty();
    }

    @Test
    void anEndpointThatTheLoopRemembersIsNotReachedFromAnotherProject() throws Exception {
        relay.service.setAccess(rules("tea", Optional.empty()));
        var receiver = relay.connectOf("tea", EmbeddedRelay.newId(), 0);
        var friend = relay.connectOf("tea", EmbeddedRelay.newId(), 0);
        var stranger = relay.connect();

        friend.send(datagram(receiver.id(), 10));
        assertThat(receiver.received()).hasSize(1);
        stranger.send(datagram(receiver.id(), 10));
        var message = FrameCodec.encode(datagram(receiver.id(), 10));
        // The same with its type in two bytes, which takes another way.
        stranger.sendMessage(ByteBuffer.allocate(message.length + 1)
                .put((byte) 0x40)
                .put(message)
                .array());
        assertThat(receiver.received()).isEmpty();
        friend.send(datagram(receiver.id(), 10));
        assertThat(receiver.received()).hasSize(1);
        assertThat(relay.count(RelayCounter.DROPPED_NOT_CONNECTED)).isEqualTo(2);

        friend.disconnect();
        assertThat(receiver.received()).hasSize(1).first().isInstanceOf(RelayFrame.EndpointGone.class);
        stranger.disconnect();
        assertThat(receiver.received()).isEmpty();
    }

    @Test
    void aProjectThatComesBackHasNoneOfItsOldClients() {
        relay.service.setAccess(rules("tea", Optional.empty()));
        var id = EmbeddedRelay.newId();
        var before = relay.connectOf("tea", id, 0);

        relay.service.setAccess(rules("coffee", Optional.empty()));
        relay.service.setAccess(rules("tea", Optional.empty()));
        relay.turn();

        assertThat(before.connection.isOver()).isTrue();
        assertThat(relay.service.registry().size()).isZero();
        var after = relay.connectOf("tea", id, 0);
        assertThat(relay.service.registry().size()).isEqualTo(1);
        assertThat(after.isConnected()).isTrue();
    }

    @Test
    void whoMayStayForATimeGoesThen() {
        var client = relay.connectFor(Duration.ofSeconds(3));
        relay.pass(Duration.ofSeconds(3).minusMillis(1));
        assertThat(client.isConnected()).isTrue();

        relay.pass(Duration.ofMillis(200));
        client.receivedMessages();
        assertThat(client.otherFrames()).hasSize(1);
        assertThat(new String(client.otherFrames().getFirst(), UTF_8)).endsWith("token has expired");
        assertThat(relay.service.registry().size()).isZero();
    }
}
