package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends datagrams through a relay: within one event loop and from one to another, plain and in TLS (iroh relay spec,
 * sections 4.1, 4.2 and 4.4).
 */
@Conversation
@EveryTransport
@ParameterizedClass(name = "{0} loops, TLS: {1}")
@CsvSource({"1, false", "2, false", "1, true", "2, true"})
class ForwardingConversationTest {
    private final int loops;
    private final boolean tls;

    ForwardingConversationTest(int loops, boolean tls) {
        this.loops = loops;
        this.tls = tls;
    }

    private RelayServer start() throws IOException {
        var builder = RelayServer.builder().eventLoops(loops).metrics(Counters.ADDRESS);
        if (tls) {
            builder.tls(TestTls.server());
        }
        return builder.start();
    }

    static Stream<Arguments> vectors() {
        return RelayVectors.cases("server_forwarding").stream()
                .flatMap(one -> Stream.of(ProtocolVersion.values())
                        .map(version -> Arguments.of(Named.of(RelayVectors.string(one, "name"), one), version)));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void forwardsAsTheReferenceDoesButNeverClosesTheReceiver(JsonObject one, ProtocolVersion version)
            throws IOException {
        var sent = RelayVectors.message(one, "sent");
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, RelayVectors.keyOf(9), version);
                var recipient = ScriptedClient.admitted(relay, RelayVectors.keyOf(10), version)) {

            sender.sendBinary(sent);

            var gets = RelayVectors.string(one, "recipient_gets");
            if (one.has("ours")) {
                assertThat(RelayVectors.string(one, "ours"))
                        .isEqualTo("nothing delivered, recipient and sender stay open");
            } else if (gets.startsWith("message of 65536 bytes, starts ")) {
                var message = recipient.nextMessage();
                assertThat(HexFormat.of().formatHex(message)).startsWith(gets.substring(gets.lastIndexOf(' ') + 1));
                // Behind the id nothing changes.
                assertThat(Arrays.copyOfRange(message, 33, message.length))
                        .isEqualTo(Arrays.copyOfRange(sent, 33, sent.length))
                        .hasSize(65_536 - 33);
            } else {
                assertThat(recipient.nextMessage()).isEqualTo(RelayVectors.hex(gets));
            }
            sender.expectQuietAndAlive();
            sender.sendDatagram(RelayVectors.keyOf(10).endpointId(), "and on");
            recipient.expectDatagram(RelayVectors.keyOf(9).endpointId(), "and on");
            recipient.expectQuietAndAlive();
        }
    }

    @Test
    void everyClientReachesEveryOtherInOrderAndByteForByte() throws Exception {
        int clients = 4;
        int datagramsEach = 60;
        // Whole batches, single frames and what lies between; all together less than a receiver's queue holds.
        int[] lengths = {4, 5, 100, 1200, 125, 126, 1300, 16_000, 9, 20_000, 1200, 66, 67};
        var keys = Stream.generate(ScriptedClient::newKey).limit(clients).toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = start()) {
            var all = new ArrayList<ScriptedClient>();
            for (var key : keys) {
                all.add(ScriptedClient.admitted(relay, key));
            }
            var work = new ArrayList<Future<?>>();
            for (int i = 0; i < clients; i++) {
                int me = i;
                work.add(run(threads, () -> {
                    for (int n = 0; n < datagramsEach; n++) {
                        for (int to = 0; to < clients; to++) {
                            all.get(me)
                                    .sendDatagram(
                                            keys.get(to).endpointId(),
                                            Bytes.numbered(me * 1000 + n, lengths[n % lengths.length]));
                        }
                    }
                }));
                work.add(run(threads, () -> expectAllInOrder(all.get(me), keys, datagramsEach, lengths)));
            }
            for (var part : work) {
                part.get();
            }
            for (var client : all) {
                client.expectQuietAndAlive();
            }
            assertThat(Counters.of(relay).get("send_packets_dropped")).isZero();
            for (var client : all) {
                client.close();
            }
        }
    }

    private static Future<?> run(java.util.concurrent.ExecutorService threads, ThrowingRunnable what) {
        return threads.submit((Callable<Void>) () -> {
            what.run();
            return null;
        });
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private static void expectAllInOrder(ScriptedClient client, List<SecretKey> keys, int each, int[] lengths)
            throws IOException {
        var next = new int[keys.size()];
        for (int left = each * keys.size(); left > 0; left--) {
            var received = (RelayFrame.ReceivedDatagrams) client.next();
            var contents = ScriptedClient.bytes(received.datagrams().contents());
            int from = Bytes.numberOf(contents) / 1000;
            int n = next[from]++;
            assertThat(received.source()).isEqualTo(keys.get(from).endpointId());
            assertThat(contents).isEqualTo(Bytes.numbered(from * 1000 + n, lengths[n % lengths.length]));
        }
    }

    /** A small frame must not overtake a large one, which takes another way, nor one that came in fragments. */
    @Test
    void whatOneSenderSendsArrivesInOrderHoweverItWasSent() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var receiverKey = ScriptedClient.newKey();
        int[] lengths = {10, 65_502, 11, 16_340, 16_341, 16_342, 16_343, 16_344, 16_345, 16_346, 12, 40_000, 13};
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            for (int fragments : new int[] {1, 2, 3}) {
                for (int n = 0; n < lengths.length; n++) {
                    var message = ScriptedClient.datagram(receiverKey.endpointId(), Bytes.numbered(n, lengths[n]));
                    sendInFragments(sender, message, n % 2 == 0 ? 1 : fragments);
                }

                for (int n = 0; n < lengths.length; n++) {
                    assertThat(receiver.nextDatagram(senderKey.endpointId())).isEqualTo(Bytes.numbered(n, lengths[n]));
                }
            }
        }
    }

    private static void sendInFragments(ScriptedClient sender, byte[] message, int count) throws IOException {
        int length = message.length / count;
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            var part = Arrays.copyOfRange(message, i * length, last ? message.length : (i + 1) * length);
            sender.wire()
                    .write(WebSocketFrame.masked(
                            last, i == 0 ? WebSocketFrame.BINARY : WebSocketFrame.CONTINUATION, part));
        }
    }

    @Test
    void largeBatchesInFragmentsKeepTheirSegmentSizeOrBecomeOneDatagram() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var receiverKey = ScriptedClient.newKey();
        var id = receiverKey.endpointId().toBytes();
        var contents = Bytes.numbered(5, 30_000);
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            for (int segmentSize : new int[] {1200, 0, 65_535}) {
                var head = new byte[] {(byte) 0xFE, (byte) (segmentSize >>> 8), (byte) segmentSize};

                sendInFragments(sender, Bytes.join(new byte[] {5}, id, head, contents), 3);

                var received = (RelayFrame.ReceivedDatagrams) receiver.next();
                assertThat(received.source()).isEqualTo(senderKey.endpointId());
                assertThat(received.datagrams().segmentSize()).isEqualTo(segmentSize);
                assertThat(received.datagrams().ecn()).isEqualTo(2);
                assertThat(ScriptedClient.bytes(received.datagrams().contents()))
                        .isEqualTo(contents);
            }
        }
    }

    @Test
    void aTypeInOneOfItsLongerFormsIsForwardedAsAnyOther() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var receiverKey = ScriptedClient.newKey();
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey);
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            for (var type : new String[] {"4004", "80000004", "c000000000000004"}) {
                var plain = ScriptedClient.datagram(receiverKey.endpointId(), Bytes.numbered(1, 20));

                sender.sendBinary(Bytes.join(RelayVectors.hex(type), Arrays.copyOfRange(plain, 1, plain.length)));

                assertThat(receiver.nextDatagram(senderKey.endpointId())).isEqualTo(Bytes.numbered(1, 20));
            }
            // The largest message that can be good at all, and cannot be delivered.
            sender.sendBinary(Bytes.join(
                    RelayVectors.hex("c000000000000004"),
                    receiverKey.endpointId().toBytes(),
                    new byte[65_504]));
            sender.expectQuietAndAlive();
            receiver.expectQuietAndAlive();
        }
    }

    @Test
    void aDatagramToOneselfComesBack() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, key)) {
            for (int length : new int[] {4, 1200, 20_000, 65_502}) {
                client.sendDatagram(key.endpointId(), Bytes.numbered(3, length));

                assertThat(client.nextDatagram(key.endpointId())).isEqualTo(Bytes.numbered(3, length));
            }
        }
    }

    @Test
    void emptyAndOverlongDatagramsAreDroppedAndCountedAndHarmNobody() throws IOException {
        var receiverKey = ScriptedClient.newKey();
        var id = receiverKey.endpointId().toBytes();
        byte[] datagram = Bytes.join(new byte[] {4}, id, new byte[] {0});
        byte[] batch = Bytes.join(new byte[] {5}, id, new byte[] {0, 4, (byte) 0xB0});
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, ScriptedClient.newKey());
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            sender.sendBinary(datagram);
            sender.sendBinary(batch);
            sendInFragments(sender, Bytes.join(datagram, new byte[65_503]), 2);
            sender.sendBinary(Bytes.join(datagram, new byte[65_503]));
            sender.sendBinary(Bytes.join(batch, new byte[65_501]));
            sender.expectQuietAndAlive();
            receiver.expectQuietAndAlive();

            var counters = Counters.of(relay);
            assertThat(counters.get("datagrams_dropped", "empty")).isEqualTo(2);
            assertThat(counters.get("datagrams_dropped", "too_large")).isEqualTo(3);
            assertThat(counters.get("send_packets_dropped")).isEqualTo(5);
            assertThat(counters.get("send_packets_recv")).isEqualTo(5);
            assertThat(counters.get("send_packets_sent")).isZero();
        }
    }

    @Test
    void aDatagramToNobodyIsDroppedAndTheNextOneToSomebodyIsNot() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var lateKey = ScriptedClient.newKey();
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            sender.sendDatagram(lateKey.endpointId(), "too early");
            sender.expectQuietAndAlive();
            assertThat(Counters.of(relay).get("datagrams_dropped", "not_connected"))
                    .isEqualTo(1);

            try (var late = ScriptedClient.admitted(relay, lateKey)) {
                sender.sendDatagram(lateKey.endpointId(), "in time");

                late.expectDatagram(senderKey.endpointId(), "in time");
            }
        }
    }

    @Test
    void theFirstDatagramToAReceiverThatCameBackArrives() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var receiverKey = ScriptedClient.newKey();
        try (var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            for (int i = 0; i < 3; i++) {
                try (var receiver = ScriptedClient.admitted(relay, receiverKey)) {
                    sender.sendDatagram(receiverKey.endpointId(), "hello again");

                    receiver.expectDatagram(senderKey.endpointId(), "hello again");
                }
                Await.until("the receiver is gone", () -> relay.connectedEndpoints() == 1);
            }
        }
    }

    @Test
    void whatWasSentBeforeTheSenderLeftStillArrivesAndThenTheWordThatItIsGone() throws IOException {
        var senderKey = ScriptedClient.newKey();
        var receiverKey = ScriptedClient.newKey();
        try (var relay = start();
                var receiver = ScriptedClient.admitted(relay, receiverKey)) {
            try (var sender = ScriptedClient.admitted(relay, senderKey)) {
                for (int n = 0; n < 50; n++) {
                    sender.sendDatagram(receiverKey.endpointId(), Bytes.numbered(n, 1000));
                }
            }

            for (int n = 0; n < 50; n++) {
                assertThat(receiver.nextDatagram(senderKey.endpointId())).isEqualTo(Bytes.numbered(n, 1000));
            }
            receiver.expect(new RelayFrame.EndpointGone(senderKey.endpointId()));
        }
    }

    @Test
    void datagramsAreCountedWithTheirContents() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = start();
                var client = ScriptedClient.admitted(relay, key)) {
            client.sendDatagram(key.endpointId(), new byte[300]);
            client.sendDatagram(key.endpointId(), new byte[20_000]);
            client.nextDatagram(key.endpointId());
            client.nextDatagram(key.endpointId());
            client.expectQuietAndAlive();

            var counters = Counters.of(relay);
            assertThat(counters.get("bytes_recv")).isEqualTo(20_300);
            assertThat(counters.get("bytes_sent")).isEqualTo(20_300);
            assertThat(counters.get("send_packets_recv")).isEqualTo(2);
            assertThat(counters.get("send_packets_sent")).isEqualTo(2);
            assertThat(counters.get("got_ping")).isEqualTo(1);
            assertThat(counters.get("sent_pong")).isEqualTo(1);
            assertThat(counters.get("accepts")).isEqualTo(1);
        }
    }

    /** Whoever is confirmed can be reached: there is no gap between the word and the fact. */
    @Test
    void nothingIsLostThatIsSentToAClientOnceItIsConfirmed() throws Exception {
        var senderKey = ScriptedClient.newKey();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = start();
                var sender = ScriptedClient.admitted(relay, senderKey)) {
            for (int round = 0; round < 20; round++) {
                var joiningKey = ScriptedClient.newKey();
                try (var joining = ScriptedClient.connect(relay)) {
                    joining.upgrade(ProtocolVersion.V2);
                    var answer = ScriptedClient.authFor(joiningKey, joining.nextMessage());
                    var sendUntilConfirmed = new SendUntil(sender, joiningKey);
                    var sending = threads.submit(sendUntilConfirmed);
                    Await.until("the sender has begun", () -> sendUntilConfirmed.sent > 3);
                    joining.sendBinary(answer);

                    assertThat(joining.nextMessage()).containsExactly(2);
                    int next = sendUntilConfirmed.sent + 1;
                    int first = Bytes.numberOf(joining.nextDatagram(senderKey.endpointId()));

                    // The one after that which was under way when the word came is certain to arrive.
                    assertThat(first).isLessThanOrEqualTo(next);
                    sendUntilConfirmed.lastToSend = next + 20;
                    for (int n = first + 1; n <= next + 20; n++) {
                        assertThat(Bytes.numberOf(joining.nextDatagram(senderKey.endpointId())))
                                .isEqualTo(n);
                    }
                    sending.get();
                }
            }
        }
    }

    /** Sends numbered datagrams, each as soon as the relay has dealt with the one before. */
    private static final class SendUntil implements Callable<Void> {
        private final ScriptedClient sender;
        private final SecretKey to;
        volatile int sent;
        volatile int lastToSend = Integer.MAX_VALUE;

        SendUntil(ScriptedClient sender, SecretKey to) {
            this.sender = sender;
            this.to = to;
        }

        @Override
        public Void call() throws IOException {
            for (int n = 1; n <= lastToSend; n++) {
                sent = n;
                sender.sendDatagram(to.endpointId(), Bytes.numbered(n, 20));
                sender.expectQuietAndAlive();
            }
            return null;
        }
    }
}
