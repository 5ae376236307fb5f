package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayFrame.EndpointGone;
import io.teahouse.relay.protocol.RelayFrame.Health;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.Status;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.ConnectRequest;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What clients hear of each other's coming and going (iroh relay spec, sections 4.5 and 4.6): {@link ClientRegistry}, {@link
 * RegisteredEndpoint} and {@link SentTo} behind embedded clients on two loops.
 */
class ClientRegistryTest {
    private static final Status DISPLACED = new Status(Status.SAME_ENDPOINT_ID_CONNECTED);
    private static final Status HEALTHY = new Status(Status.HEALTHY);
    private static final EndpointId ID = EmbeddedRelay.newId();

    private final List<Long> disconnected = new ArrayList<>();
    private final EmbeddedRelay relay = new EmbeddedRelay(
            2,
            new AccessControl() {
                @Override
                public Decision onConnect(ConnectRequest request) {
                    return Decision.allow();
                }

                @Override
                public void onDisconnect(EndpointId endpointId, long connectionId) {
                    disconnected.add(connectionId);
                }
            },
            Optional.empty());

    @AfterEach
    void everybodyIsForgottenInTheEnd() {
        relay.close();
        assertThat(relay.service.registry().size()).isZero();
        assertThat(disconnected).doesNotHaveDuplicates();
        assertThat(relay.count(RelayCounter.DISCONNECTS))
                .isEqualTo(relay.count(RelayCounter.ACCEPTS))
                .isEqualTo(disconnected.size());
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_REMOVED))
                .isEqualTo(relay.count(RelayCounter.CLIENTS_INACTIVE_ADDED));
    }

    // ---- one id, several connections -----------------------------------------------------------------------------

    @Test
    void aNewerConnectionOfTheSameIdTakesOver() throws Exception {
        var older = relay.connect(ID, 0);
        var newer = relay.connect(ID, 1);

        assertThat(older.received()).containsExactly(DISPLACED);
        assertThat(newer.received()).isEmpty();
        assertThat(older.isConnected()).isTrue();
        assertThat(relay.service.registry().size()).isEqualTo(1);
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_ADDED)).isEqualTo(1);
    }

    @Test
    void clientsOfTheFirstVersionHearOfItInWords() throws Exception {
        var older = relay.connect(ID, 0, ProtocolVersion.V1);
        var newer = relay.connect(ID, 0, ProtocolVersion.V1);
        assertThat(older.received()).containsExactly(new Health(Health.SAME_ENDPOINT_ID_CONNECTED));

        newer.disconnect();

        assertThat(older.received()).containsExactly(new Health(Health.HEALTHY));
    }

    @Test
    void whenTheActiveOneEndsTheOneDisplacedLastComesBack() throws Exception {
        var first = relay.connect(ID, 0);
        var second = relay.connect(ID, 1);
        var third = relay.connect(ID, 0);
        first.received();
        assertThat(second.received()).containsExactly(DISPLACED);

        third.disconnect();

        assertThat(second.received()).containsExactly(HEALTHY);
        assertThat(first.received()).isEmpty();
        second.disconnect();
        assertThat(first.received()).containsExactly(HEALTHY);
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_ADDED)).isEqualTo(2);
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_REMOVED)).isEqualTo(2);
    }

    @Test
    void anInactiveOneThatEndsChangesNothingElse() throws Exception {
        var first = relay.connect(ID, 0);
        var second = relay.connect(ID, 0);
        var third = relay.connect(ID, 0);
        first.received();
        second.received();

        second.disconnect();

        assertThat(first.received()).isEmpty();
        assertThat(third.received()).isEmpty();
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_REMOVED)).isEqualTo(1);
        third.disconnect();
        assertThat(first.received()).containsExactly(HEALTHY);
    }

    @Test
    void atMostFourAreKeptAndTheOneDisplacedFirstIsSentAway() throws Exception {
        var connections = new ArrayList<EmbeddedRelay.Client>();
        for (int i = 0; i < RegisteredEndpoint.MAX_INACTIVE + 1; i++) {
            connections.add(relay.connect(ID, i % 2));
        }
        assertThat(connections).allMatch(EmbeddedRelay.Client::isConnected);
        connections.getFirst().received();

        relay.connect(ID, 0);

        var evicted = connections.getFirst();
        assertThat(evicted.received()).containsExactly(DISPLACED);
        assertThat(evicted.connection.isOver()).isTrue();
        assertThat(evicted.otherFrames()).hasSize(1);
        var close = ByteBuffer.wrap(evicted.otherFrames().getFirst());
        assertThat(close.get()).isEqualTo((byte) 0x88);
        assertThat(close.getShort()).isEqualTo((short) 1008);
        assertThat(StandardCharsets.UTF_8.decode(close).toString())
                .isEqualTo("too many connections of this endpoint id");
        assertThat(connections.subList(1, connections.size())).noneMatch(client -> client.connection.isOver());
        assertThat(relay.count(RelayCounter.CLIENTS_INACTIVE_REMOVED)).isEqualTo(1);
    }

    @Test
    void anIdThatHasGoneMayComeBack() throws Exception {
        relay.connect(ID, 0).disconnect();
        assertThat(relay.service.registry().size()).isZero();

        var again = relay.connect(ID, 1);

        assertThat(again.received()).isEmpty();
        assertThat(relay.service.registry().size()).isEqualTo(1);
    }

    // ---- who is told that somebody has gone ----------------------------------------------------------------------

    @Test
    void whoeverWasSentSomethingHearsThatItsSenderHasGone() throws Exception {
        var leaving = relay.connect(ID, 0);
        var here = relay.connect(EmbeddedRelay.newId(), 0);
        var elsewhere = relay.connect(EmbeddedRelay.newId(), 1);
        var bystander = relay.connect();
        send(leaving, here);
        send(leaving, here);
        send(leaving, elsewhere);
        send(bystander, leaving);
        here.received();
        elsewhere.received();

        leaving.disconnect();

        assertThat(here.received()).containsExactly(new EndpointGone(ID));
        assertThat(elsewhere.received()).containsExactly(new EndpointGone(ID));
        assertThat(bystander.received()).isEmpty();
    }

    @Test
    void thoseWhoWereToldAreForgotten() throws Exception {
        var receiver = relay.connect();
        var first = relay.connect(ID, 0);
        send(first, receiver);
        first.disconnect();
        receiver.received();

        relay.connect(ID, 0).disconnect();

        assertThat(receiver.received()).isEmpty();
    }

    @Test
    void nobodyIsToldAsLongAsOneConnectionOfTheIdIsLeft() throws Exception {
        var receiver = relay.connect();
        var other = relay.connect();
        var older = relay.connect(ID, 0);
        var newer = relay.connect(ID, 1);
        send(older, receiver);
        send(newer, other);
        receiver.received();
        other.received();

        newer.disconnect();
        assertThat(receiver.received()).isEmpty();
        assertThat(other.received()).isEmpty();

        older.disconnect();
        assertThat(receiver.received()).containsExactly(new EndpointGone(ID));
        assertThat(other.received()).containsExactly(new EndpointGone(ID));
    }

    @Test
    void theActiveConnectionOfTheReceiverIsTold() throws Exception {
        var receiverId = EmbeddedRelay.newId();
        var older = relay.connect(receiverId, 0);
        var sender = relay.connect(ID, 0);
        send(sender, older);
        var newer = relay.connect(receiverId, 1);
        older.received();

        sender.disconnect();

        assertThat(older.received()).isEmpty();
        assertThat(newer.received()).containsExactly(new EndpointGone(ID));
    }

    @Test
    void whoeverWasOnlyMeantToGetSomethingIsNotTold() throws Exception {
        var sender = relay.connect(ID, 0);
        var receiver = relay.connect();
        var empty = ByteBuffer.allocate(FrameLayout.DATAGRAM_CONTENTS_OFFSET);
        empty.put(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM);
        receiver.id().writeTo(empty.array(), FrameLayout.ID_OFFSET);
        sender.sendMessage(empty.array());

        sender.disconnect();

        assertThat(receiver.received()).isEmpty();
        assertThat(relay.count(RelayCounter.DROPPED_EMPTY)).isEqualTo(1);
    }

    @Test
    void aMessageToItselfIsNoReasonToTellAnybody() throws Exception {
        var older = relay.connect(ID, 0);
        send(older, older);
        assertThat(older.received()).hasSize(1).first().isInstanceOf(ReceivedDatagrams.class);

        older.disconnect();

        assertThat(relay.count(RelayCounter.OTHER_PACKETS_SENT)).isZero();
    }

    @Test
    void aReceiverThatTakesNothingIsToldWhenItDoes() throws Exception {
        var receiver = relay.connect();
        var sender = relay.connect(ID, 0);
        send(sender, receiver);
        receiver.received();
        receiver.stall(true);
        for (int i = 0; i < 200; i++) {
            sender.send(new RelayFrame.SendDatagrams(receiver.id(), datagram(new byte[1200])));
            relay.turn();
        }
        sender.disconnect();

        receiver.stall(false);

        assertThat(receiver.received()).contains(new EndpointGone(ID)).hasSize(201);
    }

    // ---- told to leave -------------------------------------------------------------------------------------------

    @Test
    void oneConnectionOrAllOfAnIdCanBeEnded() throws Exception {
        var first = relay.connect(ID, 0);
        var second = relay.connect(ID, 1);
        var third = relay.connect(ID, 0);
        var registry = relay.service.registry();

        assertThat(registry.disconnect(ID, Optional.of(second.connection.connectionId())))
                .isTrue();
        relay.turn();
        assertThat(second.connection.isOver()).isTrue();
        assertThat(first.connection.isOver()).isFalse();
        assertThat(third.connection.isOver()).isFalse();
        assertThat(registry.disconnect(ID, Optional.of(second.connection.connectionId())))
                .isFalse();

        assertThat(registry.disconnect(ID, Optional.empty())).isTrue();
        relay.turn();
        assertThat(first.connection.isOver()).isTrue();
        assertThat(third.connection.isOver()).isTrue();
        assertThat(registry.disconnect(ID, Optional.empty())).isFalse();
        assertThat(registry.common().find(ID)).isNull();
    }

    @Test
    void nobodyIsEndedByAnIdThatIsNotThere() {
        relay.connect();

        assertThat(relay.service.registry().disconnect(ID, Optional.empty())).isFalse();
        assertThat(disconnected).isEmpty();
    }

    private void send(EmbeddedRelay.Client from, EmbeddedRelay.Client to) {
        from.send(new RelayFrame.SendDatagrams(to.id(), datagram(new byte[] {1})));
        relay.turn();
    }

    private static Datagrams datagram(byte[] contents) {
        return new Datagrams(0, 0, ByteBuffer.wrap(contents));
    }
}
