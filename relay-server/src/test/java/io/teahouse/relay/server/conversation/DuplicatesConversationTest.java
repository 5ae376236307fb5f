package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Connects with the same endpoint id more than once (iroh relay spec, section 4.5). */
@Conversation
@EveryTransport
@ParameterizedClass(name = "{0} loops")
@ValueSource(ints = {1, 2})
class DuplicatesConversationTest {
    private static final RelayFrame.FromRelay DISPLACED_V2 = new RelayFrame.Status(1);
    private static final RelayFrame.FromRelay HEALTHY_V2 = new RelayFrame.Status(0);
    private static final RelayFrame.FromRelay DISPLACED_V1 = new RelayFrame.Health(
            "Another endpoint connected with the same endpoint id. No more messages will be received.");
    private static final RelayFrame.FromRelay HEALTHY_V1 =
            new RelayFrame.Health("The connection is healthy and has recovered from previous problems");

    private final int loops;

    DuplicatesConversationTest(int loops) {
        this.loops = loops;
    }

    private RelayServer start() throws IOException {
        return RelayServer.builder().eventLoops(loops).metrics(Counters.ADDRESS).start();
    }

    @Test
    void theNewestReceivesAndTheOthersWaitInAStackOfWhichEachIsToldInItsVersion() throws IOException {
        var key = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        var id = key.endpointId();
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey);
                var first = ScriptedClient.admitted(relay, key, ProtocolVersion.V1);
                var second = ScriptedClient.admitted(relay, key, ProtocolVersion.V2);
                var third = ScriptedClient.admitted(relay, key, ProtocolVersion.V1)) {
            first.expect(DISPLACED_V1);
            second.expect(DISPLACED_V2);

            peer.sendDatagram(id, "for the newest");
            third.expectDatagram(peerKey.endpointId(), "for the newest");
            first.expectQuietAndAlive();
            second.expectQuietAndAlive();

            assertThat(Counters.of(relay).get("clients")).isEqualTo(2);
            assertThat(Counters.of(relay).get("clients_inactive")).isEqualTo(2);
            assertThat(Counters.of(relay).get("open_connections")).isGreaterThanOrEqualTo(4);

            third.hangUp();
            second.expect(HEALTHY_V2);
            peer.sendDatagram(id, "for the second");
            second.expectDatagram(peerKey.endpointId(), "for the second");
            first.expectQuietAndAlive();

            second.hangUp();
            first.expect(HEALTHY_V1);
            peer.sendDatagram(id, "for the first");
            first.expectDatagram(peerKey.endpointId(), "for the first");

            var counters = Counters.of(relay);
            assertThat(counters.get("clients_inactive_added")).isEqualTo(2);
            assertThat(counters.get("clients_inactive_removed")).isEqualTo(2);
            assertThat(counters.get("clients_inactive")).isZero();
            // Nobody else is told anything.
            peer.expectQuietAndAlive();
        }
    }

    @Test
    void anInactiveOneStillSendsAndIsAnsweredAndItsEndChangesNothing() throws IOException {
        var key = ScriptedClient.newKey();
        var peerKey = ScriptedClient.newKey();
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey);
                var inactive = ScriptedClient.admitted(relay, key);
                var active = ScriptedClient.admitted(relay, key)) {
            inactive.expect(DISPLACED_V2);

            inactive.sendDatagram(peerKey.endpointId(), "still here");
            peer.expectDatagram(key.endpointId(), "still here");
            inactive.sendDatagram(key.endpointId(), "to my better self");
            active.expectDatagram(key.endpointId(), "to my better self");
            inactive.expectQuietAndAlive();

            inactive.hangUp();
            Await.until("it is gone", () -> Counters.of(relay).get("clients_inactive_removed") == 1);
            active.expectQuietAndAlive();
            peer.expectQuietAndAlive();
            peer.sendDatagram(key.endpointId(), "and you");
            active.expectDatagram(peerKey.endpointId(), "and you");

            // Only the end of the last connection is the end of the endpoint; what the first one did counts still.
            active.hangUp();
            peer.expect(new RelayFrame.EndpointGone(key.endpointId()));
        }
    }

    @Test
    void fourMayWaitAndOfMoreTheOneDisplacedFirstIsClosed() throws IOException {
        var key = ScriptedClient.newKey();
        var access = RecordingAccess.direct(_ -> AccessControl.Decision.allow());
        try (var relay = RelayServer.builder()
                .eventLoops(loops)
                .access(access)
                .metrics(Counters.ADDRESS)
                .start()) {
            var clients = new ArrayList<ScriptedClient>();
            for (int i = 0; i < 5; i++) {
                clients.add(ScriptedClient.admitted(relay, key, i % 2 == 0 ? ProtocolVersion.V2 : ProtocolVersion.V1));
            }
            clients.get(0).expect(DISPLACED_V2);
            clients.get(1).expect(DISPLACED_V1);
            clients.get(2).expect(DISPLACED_V2);
            clients.get(3).expect(DISPLACED_V1);
            for (var client : clients) {
                client.expectQuietAndAlive();
            }

            clients.add(ScriptedClient.admitted(relay, key));
            clients.get(0).expect(DISPLACED_V2);
            clients.get(0).expectClosed(1008);
            clients.get(4).expect(DISPLACED_V2);

            clients.add(ScriptedClient.admitted(relay, key));
            clients.get(1).expect(DISPLACED_V1);
            clients.get(1).expectClosed(1008);
            clients.get(5).expect(DISPLACED_V2);
            for (var client : clients.subList(2, clients.size())) {
                client.expectQuietAndAlive();
            }

            Await.until("two are gone", () -> Counters.of(relay).get("disconnects") == 2);
            assertThat(access.ended())
                    .extracting(RecordingAccess.Ended::connectionId)
                    .containsExactlyInAnyOrder(
                            access.asked().get(0).connectionId(),
                            access.asked().get(1).connectionId());
            var counters = Counters.of(relay);
            assertThat(counters.get("clients_inactive_added")).isEqualTo(6);
            assertThat(counters.get("clients_inactive_removed")).isEqualTo(2);
            assertThat(relay.connectedEndpoints()).isEqualTo(1);
            for (var client : clients) {
                client.hangUp();
            }
            Await.until("the endpoint is gone", () -> relay.connectedEndpoints() == 0);
            Await.until("all are gone", () -> Counters.of(relay).get("disconnects") == 7);
            counters = Counters.of(relay);
            assertThat(counters.get("clients_inactive_removed")).isEqualTo(counters.get("clients_inactive_added"));
        }
        assertThat(access.ended()).hasSize(7).doesNotHaveDuplicates();
    }

    @Test
    void aTakeoverInTheMiddleOfAStreamLosesAndDoublesNothing() throws IOException {
        var key = ScriptedClient.newKey();
        var senderKey = ScriptedClient.newKey();
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            var receivers = new ArrayList<ScriptedClient>();
            int sent = 0;
            for (int i = 0; i < 4; i++) {
                receivers.add(ScriptedClient.admitted(relay, key));
                for (int n = 0; n < 10; n++) {
                    sender.sendDatagram(key.endpointId(), Bytes.numbered(sent++, 900));
                }
                // All of them have been dealt with before the next takeover.
                sender.expectQuietAndAlive();
            }

            int next = 0;
            for (var receiver : receivers) {
                for (int n = 0; n < 10; n++) {
                    assertThat(receiver.nextDatagram(senderKey.endpointId())).isEqualTo(Bytes.numbered(next++, 900));
                }
                if (next < sent) {
                    receiver.expect(DISPLACED_V2);
                }
                receiver.expectQuietAndAlive();
            }
            for (var receiver : receivers) {
                receiver.close();
            }
        }
    }
}
