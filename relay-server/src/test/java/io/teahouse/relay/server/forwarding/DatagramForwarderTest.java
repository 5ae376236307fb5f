package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.metrics.RelayHistogram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sends datagrams through two embedded clients and holds what comes out, byte for byte, to iroh relay spec, section 4.1.
 * Receivers are on the sender's loop (0) or on another (1).
 */
class DatagramForwarderTest {
    private static final int NOT_A_BATCH = -1;

    private final EmbeddedRelay relay = new EmbeddedRelay(2);
    private final EmbeddedRelay.Client sender = relay.connect();

    @AfterEach
    void everyDatagramThatCameWasSentOrDropped() {
        relay.close();
        assertThat(relay.count(RelayHistogram.FORWARDING)).isEqualTo(relay.count(RelayCounter.SEND_PACKETS_SENT));
        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT) + relay.count(RelayCounter.SEND_PACKETS_DROPPED))
                .isEqualTo(relay.count(RelayCounter.SEND_PACKETS_RECV));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1000000", "0, 1, 7", "0, 1200, 1000000", "0, 1200, 500", "0, 20000, 1000000", "0, 20000, 9000",
        "0, 65500, 1000000", "0, 65500, 33000", "1, 1, 1000000", "1, 1200, 500", "1, 20000, 1000000", "1, 20000, 9000",
        "1, 65500, 33000"
    })
    void aDatagramLeavesWithItsSendersIdHoweverItComes(int loop, int contentsLength, int pieceBytes) {
        var receiver = relay.connect(EmbeddedRelay.newId(), loop);
        var contents = bytes(contentsLength);

        sender.sendMessage(toRelay(receiver.id(), 2, NOT_A_BATCH, contents), pieceBytes);
        sender.sendMessage(toRelay(receiver.id(), 1, 1200, contents), pieceBytes);
        sender.sendMessage(toRelay(receiver.id(), 3, 0xFFFF, contents), pieceBytes);
        sender.sendMessage(toRelay(receiver.id(), 0, 0, contents), pieceBytes);

        assertThat(receiver.receivedMessages())
                .containsExactly(
                        toClient(sender.id(), 2, NOT_A_BATCH, contents),
                        toClient(sender.id(), 1, 1200, contents),
                        toClient(sender.id(), 3, 0xFFFF, contents),
                        // Segments of no size make no batch.
                        toClient(sender.id(), 0, NOT_A_BATCH, contents));
        assertThat(relay.count(RelayCounter.BYTES_RECV)).isEqualTo(4L * contentsLength);
        assertThat(relay.count(RelayCounter.BYTES_SENT)).isEqualTo(4L * contentsLength);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"0xff, 3", "0xfc, 0", "0x01, 1", "0x82, 2"})
    void ofTheEcnByteOnlyTwoBitsPass(String sent, int received) {
        var receiver = relay.connect();
        var contents = bytes(10);
        for (int segmentSize : new int[] {NOT_A_BATCH, 5}) {
            sender.sendMessage(toRelay(receiver.id(), Integer.decode(sent), segmentSize, contents));

            assertThat(receiver.receivedMessages())
                    .containsExactly(toClient(sender.id(), received, segmentSize, contents));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void aTypeInOneOfItsLongerFormsIsReadAndLeavesInItsShortest(int typeBytes) {
        for (int loop = 0; loop < 2; loop++) {
            var receiver = relay.connect(EmbeddedRelay.newId(), loop);
            var contents = bytes(100);
            for (int segmentSize : new int[] {NOT_A_BATCH, 1200, 0}) {
                var message = toRelay(receiver.id(), 0xFD, segmentSize, contents);
                var longer = ByteBuffer.allocate(message.length - 1 + typeBytes);
                longer.put((byte) (Integer.numberOfTrailingZeros(typeBytes) << 6));
                longer.position(typeBytes - 1).put(message);
                sender.sendMessage(longer.array());
            }

            assertThat(receiver.receivedMessages())
                    .containsExactly(
                            toClient(sender.id(), 1, NOT_A_BATCH, contents),
                            toClient(sender.id(), 1, 1200, contents),
                            toClient(sender.id(), 1, NOT_A_BATCH, contents));
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "1200, 0", "0, 0"})
    void aDatagramWithoutContentsIsDroppedAndHurtsNobody(int segmentSize, int contentsLength) {
        checkDropped(segmentSize, contentsLength, RelayCounter.DROPPED_EMPTY);
    }

    @ParameterizedTest
    @CsvSource({"-1, 65503", "1200, 65501"})
    void aDatagramThatNoReceiverCouldBeSentIsDroppedAndHurtsNobody(int segmentSize, int contentsLength) {
        checkDropped(segmentSize, contentsLength, RelayCounter.DROPPED_TOO_LARGE);
    }

    @ParameterizedTest
    @CsvSource({"-1, 65502", "1200, 65500", "0, 65501"})
    void theLargestDatagramsThatCanBeDeliveredAre(int segmentSize, int contentsLength) {
        for (int loop = 0; loop < 2; loop++) {
            for (int pieceBytes : new int[] {1_000_000, 40_000}) {
                var receiver = relay.connect(EmbeddedRelay.newId(), loop);
                var contents = bytes(contentsLength);

                sender.sendMessage(toRelay(receiver.id(), 0, segmentSize, contents), pieceBytes);

                assertThat(receiver.receivedMessages())
                        .containsExactly(
                                toClient(sender.id(), 0, segmentSize == 0 ? NOT_A_BATCH : segmentSize, contents));
            }
        }
    }

    @Test
    void aDatagramToNobodyIsDroppedAndItsSenderStays() throws Exception {
        sender.sendMessage(toRelay(EmbeddedRelay.newId(), 0, NOT_A_BATCH, bytes(10)));
        sender.send(new RelayFrame.Ping(7));

        assertThat(sender.received()).containsExactly(new RelayFrame.Pong(7));
        assertThat(relay.count(RelayCounter.DROPPED_NOT_CONNECTED)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.BYTES_RECV)).isEqualTo(10);
    }

    @Test
    void aDatagramToItselfComesBack() {
        sender.sendMessage(toRelay(sender.id(), 0, NOT_A_BATCH, bytes(10)));

        assertThat(sender.receivedMessages()).containsExactly(toClient(sender.id(), 0, NOT_A_BATCH, bytes(10)));
    }

    @Test
    void aDatagramToWhatIsNoKeyEndsItsSender() {
        var message = toRelay(EmbeddedRelay.newId(), 0, NOT_A_BATCH, bytes(10));
        do {
            message[FrameLayout.ID_OFFSET]++;
        } while (EndpointId.isValid(word(message, 0), word(message, 1), word(message, 2), word(message, 3)));

        sender.sendMessage(message);

        assertThat(sender.connection.isOver()).isTrue();
        assertThat(relay.count(RelayCounter.PROTOCOL_ERRORS)).isEqualTo(1);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_RECV)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 33})
    void aFrameThatIsTooShortEndsItsSender(int length) {
        var message = new byte[length];
        message[0] = FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM;

        sender.sendMessage(message);

        assertThat(sender.connection.isOver()).isTrue();
    }

    @Test
    void aReceiverThatCameBackGetsTheFirstDatagramToo() {
        for (int loop = 0; loop < 2; loop++) {
            var receiver = relay.connect(EmbeddedRelay.newId(), loop);
            sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(1)));
            assertThat(receiver.receivedMessages()).hasSize(1);
            receiver.disconnect();

            var again = relay.connect(receiver.id(), loop);
            sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(2)));

            assertThat(again.receivedMessages()).containsExactly(toClient(sender.id(), 0, NOT_A_BATCH, bytes(2)));
        }
        assertThat(relay.count(RelayCounter.SEND_PACKETS_DROPPED)).isZero();
    }

    @Test
    void whatIsForAReceiverThatHasGoneIsDropped() {
        var receiver = relay.connect();
        sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(1)));
        receiver.receivedMessages();
        receiver.disconnect();

        sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(1)));
        sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(1)));

        assertThat(relay.count(RelayCounter.DROPPED_NOT_CONNECTED)).isEqualTo(2);
    }

    @Test
    void onlyTheActiveConnectionReceivesButAllMaySend() {
        var id = EmbeddedRelay.newId();
        var older = relay.connect(id, 0);
        var newer = relay.connect(id, 1);
        older.receivedMessages();

        sender.sendMessage(toRelay(id, 0, NOT_A_BATCH, bytes(1)));
        assertThat(older.receivedMessages()).isEmpty();
        assertThat(newer.receivedMessages()).hasSize(1);

        older.sendMessage(toRelay(sender.id(), 0, NOT_A_BATCH, bytes(2)));
        newer.sendMessage(toRelay(sender.id(), 0, NOT_A_BATCH, bytes(3)));
        assertThat(sender.receivedMessages())
                .containsExactlyInAnyOrder(
                        toClient(id, 0, NOT_A_BATCH, bytes(2)), toClient(id, 0, NOT_A_BATCH, bytes(3)));

        newer.disconnect();
        older.receivedMessages();
        sender.sendMessage(toRelay(id, 0, NOT_A_BATCH, bytes(4)));
        assertThat(older.receivedMessages()).containsExactly(toClient(sender.id(), 0, NOT_A_BATCH, bytes(4)));
    }

    @Test
    void aSlowReceiverCostsOnlyItself() {
        var slow = relay.connect();
        var quick = relay.connect();
        slow.stall(true);
        for (int i = 0; i < 1000; i++) {
            sender.sendMessage(toRelay(slow.id(), 0, NOT_A_BATCH, bytes(1200)));
            sender.sendMessage(toRelay(quick.id(), 0, NOT_A_BATCH, bytes(1200)));
            relay.turn();
        }
        assertThat(quick.receivedMessages()).hasSize(1000);
        long dropped = relay.count(RelayCounter.DROPPED_QUEUE_FULL);
        assertThat(dropped).isPositive();

        slow.stall(false);

        assertThat(slow.receivedMessages()).hasSize((int) (1000 - dropped));
    }

    /** Messages of all kinds between all, however they are cut: each receiver gets what each sender sent, in order. */
    @Property(tries = 100)
    void everyReceiverGetsWhatEverySenderSentInOrder(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int loops) {
        var random = new Random(seed);
        try (var many = new EmbeddedRelay(loops)) {
            var clients = new ArrayList<EmbeddedRelay.Client>();
            var expected = new ArrayList<Map<EndpointId, List<byte[]>>>();
            for (int i = 0; i < 5; i++) {
                clients.add(many.connect(EmbeddedRelay.newId(), random.nextInt(loops)));
                expected.add(new HashMap<>());
            }
            for (int i = 0; i < 60; i++) {
                var from = clients.get(random.nextInt(5));
                int receiver = random.nextInt(5);
                var to = clients.get(receiver);
                var contents = new byte[random.nextInt(5) == 0 ? random.nextInt(1, 65_500) : random.nextInt(1, 1500)];
                random.nextBytes(contents);
                int ecn = random.nextInt(256);
                int segmentSize = random.nextInt(3) == 0 ? random.nextInt(3) * 600 : NOT_A_BATCH;
                int pieceBytes = random.nextBoolean() ? 1_000_000 : random.nextInt(10, 40_000);
                from.sendMessage(toRelay(to.id(), ecn, segmentSize, contents), pieceBytes);
                expected.get(receiver)
                        .computeIfAbsent(from.id(), _ -> new ArrayList<>())
                        .add(toClient(from.id(), ecn & 3, segmentSize == 0 ? NOT_A_BATCH : segmentSize, contents));
                if (random.nextInt(4) == 0) {
                    many.turn();
                }
            }

            for (int i = 0; i < 5; i++) {
                Map<EndpointId, List<byte[]>> received = new HashMap<>();
                for (var message : clients.get(i).receivedMessages()) {
                    var source = EndpointId.fromWords(
                            word(message, 0), word(message, 1), word(message, 2), word(message, 3));
                    received.computeIfAbsent(source, _ -> new ArrayList<>()).add(message);
                }
                assertThat(received).hasSameSizeAs(expected.get(i));
                expected.get(i)
                        .forEach((source, messages) ->
                                assertThat(received.get(source)).containsExactlyElementsOf(messages));
            }
            assertThat(many.count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(60);
            assertThat(many.count(RelayCounter.SEND_PACKETS_DROPPED)).isZero();
        }
    }

    private void checkDropped(int segmentSize, int contentsLength, RelayCounter reason) {
        for (int loop = 0; loop < 2; loop++) {
            var receiver = relay.connect(EmbeddedRelay.newId(), loop);
            for (int pieceBytes : new int[] {1_000_000, 20}) {
                sender.sendMessage(toRelay(receiver.id(), 0, segmentSize, bytes(contentsLength)), pieceBytes);
            }
            sender.sendMessage(toRelay(receiver.id(), 0, NOT_A_BATCH, bytes(1)));

            assertThat(receiver.receivedMessages()).containsExactly(toClient(sender.id(), 0, NOT_A_BATCH, bytes(1)));
        }
        assertThat(sender.connection.isOver()).isFalse();
        assertThat(relay.count(reason)).isEqualTo(4);
        assertThat(relay.count(RelayCounter.SEND_PACKETS_DROPPED)).isEqualTo(4);
    }

    private static byte[] toRelay(EndpointId destination, int ecn, int segmentSize, byte[] contents) {
        return message(segmentSize == NOT_A_BATCH ? 4 : 5, destination, ecn, segmentSize, contents);
    }

    private static byte[] toClient(EndpointId source, int ecn, int segmentSize, byte[] contents) {
        return message(segmentSize == NOT_A_BATCH ? 6 : 7, source, ecn, segmentSize, contents);
    }

    private static byte[] message(int type, EndpointId id, int ecn, int segmentSize, byte[] contents) {
        var idBytes = new byte[EndpointId.LENGTH];
        id.writeTo(idBytes, 0);
        var message = ByteBuffer.allocate(34 + (segmentSize == NOT_A_BATCH ? 0 : 2) + contents.length);
        message.put((byte) type).put(idBytes).put((byte) ecn);
        if (segmentSize != NOT_A_BATCH) {
            message.putShort((short) segmentSize);
        }
        return message.put(contents).array();
    }

    private static long word(byte[] message, int index) {
        return ByteBuffer.wrap(message).getLong(FrameLayout.ID_OFFSET + Long.BYTES * index);
    }

    private static byte[] bytes(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
