package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leaves, and sees who is told and who is not (iroh relay spec, section 4.6). */
@Conversation
@EveryTransport
@ParameterizedClass(name = "{0} loops")
@ValueSource(ints = {1, 2})
class EndpointGoneConversationTest {
    private final int loops;
    private final SecretKey leaving = ScriptedClient.newKey();
    private final SecretKey peerKey = ScriptedClient.newKey();
    private final RelayFrame.EndpointGone gone = new RelayFrame.EndpointGone(leaving.endpointId());

    EndpointGoneConversationTest(int loops) {
        this.loops = loops;
    }

    private RelayServer start() throws IOException {
        return RelayServer.builder().eventLoops(loops).metrics(Counters.ADDRESS).start();
    }

    private static void awaitConnected(RelayServer relay, int count) throws IOException {
        Await.until(count + " are connected", () -> relay.connectedEndpoints() == count);
        // What is told to others at an end is on its way by then, though perhaps to another loop: it is behind all that
        // was said to that loop before, and ahead of what is asked of it from now on.
    }

    @Test
    void whoeverWasSentToIsToldOnceInEitherVersion() throws IOException {
        var otherKey = ScriptedClient.newKey();
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey, ProtocolVersion.V1);
                var other = ScriptedClient.admitted(relay, otherKey);
                var bystander = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            try (var client = ScriptedClient.admitted(relay, leaving)) {
                for (int i = 0; i < 3; i++) {
                    client.sendDatagram(peerKey.endpointId(), "one");
                    client.sendDatagram(otherKey.endpointId(), "two");
                    peer.expectDatagram(leaving.endpointId(), "one");
                    other.expectDatagram(leaving.endpointId(), "two");
                }
            }

            peer.expect(gone);
            other.expect(gone);
            peer.expectQuietAndAlive();
            other.expectQuietAndAlive();
            bystander.expectQuietAndAlive();
        }
    }

    @Test
    void whoeverOnlySentToTheOneThatLeftIsNotTold() throws IOException {
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey)) {
            try (var client = ScriptedClient.admitted(relay, leaving)) {
                peer.sendDatagram(leaving.endpointId(), "hello");
                client.expectDatagram(peerKey.endpointId(), "hello");
            }
            awaitConnected(relay, 1);

            peer.expectQuietAndAlive();
            peer.sendDatagram(leaving.endpointId(), "hello?");
            peer.expectQuietAndAlive();
        }
    }

    @Test
    void whoeverWasSentNothingThatCouldBeDeliveredIsNotTold() throws IOException {
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, leaving)) {
            client.sendDatagram(peerKey.endpointId(), "not there yet");
            client.expectQuietAndAlive();
            try (var peer = ScriptedClient.admitted(relay, peerKey)) {
                client.sendBinary(
                        Bytes.join(new byte[] {4}, peerKey.endpointId().toBytes(), new byte[] {0}));
                client.expectQuietAndAlive();
                client.hangUp();
                awaitConnected(relay, 1);

                peer.expectQuietAndAlive();
            }
        }
    }

    @Test
    void aTakeoverIsNotAnEnd() throws IOException {
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey);
                var first = ScriptedClient.admitted(relay, leaving)) {
            first.sendDatagram(peerKey.endpointId(), "from the first");
            peer.expectDatagram(leaving.endpointId(), "from the first");
            try (var second = ScriptedClient.admitted(relay, leaving)) {
                first.expect(new RelayFrame.Status(1));
                peer.expectQuietAndAlive();
                second.expectQuietAndAlive();
            }
            first.expect(new RelayFrame.Status(0));
            peer.expectQuietAndAlive();
        }
    }

    @Test
    void whatAllConnectionsOfAnEndpointSentCountsAtTheEndOfTheLast() throws IOException {
        var otherKey = ScriptedClient.newKey();
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey);
                var other = ScriptedClient.admitted(relay, otherKey);
                var first = ScriptedClient.admitted(relay, leaving)) {
            first.sendDatagram(peerKey.endpointId(), "from the first");
            peer.expectDatagram(leaving.endpointId(), "from the first");
            try (var second = ScriptedClient.admitted(relay, leaving)) {
                second.sendDatagram(otherKey.endpointId(), "from the second");
                other.expectDatagram(leaving.endpointId(), "from the second");
            }
            first.expect(new RelayFrame.Status(1));
            first.expect(new RelayFrame.Status(0));
            peer.expectQuietAndAlive();
            other.expectQuietAndAlive();

            first.hangUp();

            peer.expect(gone);
            other.expect(gone);
        }
    }

    @Test
    void afterAReturnOnlyNewTrafficCounts() throws IOException {
        try (var relay = start();
                var peer = ScriptedClient.admitted(relay, peerKey)) {
            try (var client = ScriptedClient.admitted(relay, leaving)) {
                client.sendDatagram(peerKey.endpointId(), "hello");
                peer.expectDatagram(leaving.endpointId(), "hello");
            }
            peer.expect(gone);
            try (var again = ScriptedClient.admitted(relay, leaving)) {
                again.expectQuietAndAlive();
            }
            awaitConnected(relay, 1);
            peer.expectQuietAndAlive();
        }
    }

    @Test
    void onlyTheActiveConnectionOfTheOneSentToIsTold() throws IOException {
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, leaving);
                var displaced = ScriptedClient.admitted(relay, peerKey)) {
            client.sendDatagram(peerKey.endpointId(), "hello");
            displaced.expectDatagram(leaving.endpointId(), "hello");
            try (var active = ScriptedClient.admitted(relay, peerKey)) {
                displaced.expect(new RelayFrame.Status(1));

                client.hangUp();

                active.expect(gone);
                displaced.expectQuietAndAlive();
            }
        }
    }

    @ParameterizedTest(name = "sent to again: {0}")
    @ValueSource(booleans = {false, true})
    void whoeverWasSentToAndLeftAndCameBackIsToldOnce(boolean sentToAgain) throws IOException {
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, leaving)) {
            try (var peer = ScriptedClient.admitted(relay, peerKey)) {
                client.sendDatagram(peerKey.endpointId(), "hello");
                peer.expectDatagram(leaving.endpointId(), "hello");
            }
            awaitConnected(relay, 1);
            try (var peer = ScriptedClient.admitted(relay, peerKey)) {
                if (sentToAgain) {
                    client.sendDatagram(peerKey.endpointId(), "hello again");
                    peer.expectDatagram(leaving.endpointId(), "hello again");
                }

                client.hangUp();

                peer.expect(gone);
                peer.expectQuietAndAlive();
            }
        }
    }

    @Test
    void aDatagramToOneselfLeavesNobodyToBeTold() throws IOException {
        try (var relay = start()) {
            try (var client = ScriptedClient.admitted(relay, leaving)) {
                client.sendDatagram(leaving.endpointId(), "me");
                client.expectDatagram(leaving.endpointId(), "me");
            }
            awaitConnected(relay, 0);
            try (var again = ScriptedClient.admitted(relay, leaving)) {
                again.expectQuietAndAlive();
            }
        }
    }

    @Test
    void whenTheRelayClosesNobodyIsToldOfOthers() throws IOException {
        var relay = start();
        try (var peer = ScriptedClient.admitted(relay, peerKey);
                var client = ScriptedClient.admitted(relay, leaving)) {
            client.sendDatagram(peerKey.endpointId(), "hello");
            peer.expectDatagram(leaving.endpointId(), "hello");

            relay.close();

            peer.expectClosed(1001);
            client.expectClosed(1001);
        } finally {
            relay.close();
        }
    }

    @Test
    void hundredsOfDestinationsAreAllTold() throws IOException {
        int count = 150;
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, leaving)) {
            var peers = new ArrayList<ScriptedClient>();
            for (int i = 0; i < count; i++) {
                var key = ScriptedClient.newKey();
                var peer = ScriptedClient.admitted(relay, key);
                peers.add(peer);
                client.sendDatagram(key.endpointId(), "hello");
                peer.expectDatagram(leaving.endpointId(), "hello");
                // Some leave again, so that what is noted of them is swept away.
                if (i % 3 == 0) {
                    peer.hangUp();
                }
            }

            client.hangUp();

            for (int i = 0; i < count; i++) {
                if (i % 3 != 0) {
                    peers.get(i).expect(gone);
                    peers.get(i).hangUp();
                }
            }
            assertThat(Counters.of(relay).get("other_packets_dropped")).isZero();
        }
    }
}
